{{ config(materialized='table') }}

with sensor_days as (
    select * from {{ ref('int_footfall__sensor_days') }}
),

days_read as (
    select * from {{ ref('int_footfall__days_read') }}
),

days_received as (
    select * from {{ ref('int_footfall__days_received') }}
),

previous as (
    select * from {{ ref('stg_previous__sensor_traffic_hourly') }}
),

readings as (
    select
        store_name,
        sensor_id,
        load_id,
        visits,
        visits_other_hour,
        rows_received,
        traffic_date,
        read_at_local
    from {{ ref('int_footfall__readings_accepted') }}

    union all

    select
        previous.store_name,
        previous.sensor_id,
        previous.load_id,
        case when previous.reading_status = 'failed' then -1 else previous.visits end as visits,
        -- Of two that were valid, `visits` is the sum.
        case
            when previous.readings_valid + previous.readings_failed = 2
                then case when previous.readings_failed = 0 then 0 else -1 end
        end as visits_other_hour,
        previous.rows_received,
        previous.traffic_date,
        previous.read_at_local
    from previous
    inner join days_read
        on
            previous.store_name = days_read.store_name
            and previous.traffic_date = days_read.traffic_date
    left join days_received
        on
            previous.store_name = days_received.store_name
            and previous.traffic_date = days_received.traffic_date
    where previous.load_id is not null and days_received.store_name is null
),

final as (
    select
        sensor_days.store_name,
        sensor_days.sensor_id,
        sensor_days.sensor_number,
        sensor_days.time_zone,
        readings.load_id,
        sensor_days.hours_in_day,
        sensor_days.changed_hour,
        readings.visits as visits_reported,
        readings.visits_other_hour,
        readings.rows_received,
        sensor_days.is_complete_day,
        days_read.is_affected,
        sensor_days.traffic_date,
        sensor_days.starts_at,
        readings.read_at_local
    from readings
    inner join sensor_days
        on
            readings.store_name = sensor_days.store_name
            and readings.sensor_id = sensor_days.sensor_id
            and readings.traffic_date = sensor_days.traffic_date
    inner join days_read
        on
            sensor_days.store_name = days_read.store_name
            and sensor_days.traffic_date = days_read.traffic_date
)

select * from final
