{{ config(materialized='table') }}

{% set left = relation_left('footfall.sensor_traffic_hourly') %}
-- Read only where a build is incremental: depends_on: {{ ref('int_footfall__days_received') }}
with sensor_days as (
    select * from {{ ref('int_footfall__sensor_days') }}
),

days_read as (
    select * from {{ ref('int_footfall__days_read') }}
),

readings as (
    select
        store_name,
        sensor_id,
        load_id,
        visits,
        traffic_date,
        read_at_local
    from {{ ref('int_footfall__readings_accepted') }}
    {%- if left and is_touched_build('footfall.reading_load_reconciliation') %}

    union all

    select
        held.store_name,
        held.sensor_id,
        held.load_id,
        case when held.reading_status = 'failed' then -1 else held.visits end as visits,
        held.traffic_date,
        held.read_at_local
    from {{ left }} as held
    inner join days_read
        on
            held.store_name = days_read.store_name
            and held.traffic_date = days_read.traffic_date
    left join {{ ref('int_footfall__days_received') }} as days_received
        on
            held.store_name = days_received.store_name
            and held.traffic_date = days_received.traffic_date
    where held.load_id is not null and days_received.store_name is null
    {%- endif %}
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
        sensor_days.is_complete_day,
        days_read.is_touched,
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
