{{ config(materialized='table') }}

with readings as (
    select * from {{ ref('int_footfall__readings_accepted') }}
),

stores as (
    select * from {{ ref('int_footfall__stores') }}
),

previous as (
    select * from {{ ref('stg_previous__sensor_traffic_hourly') }}
),

days_received as (
    select * from {{ ref('int_footfall__days_received') }}
),

-- Days that were not received again are as in the previous build.
accepted as (
    select
        store_name,
        sensor_id,
        traffic_date,
        read_at_local
    from readings

    union all

    select
        previous.store_name,
        previous.sensor_id,
        previous.traffic_date,
        previous.read_at_local
    from previous
    left join days_received
        on
            previous.store_name = days_received.store_name
            and previous.traffic_date = days_received.traffic_date
    where previous.load_id is not null and days_received.store_name is null
),

sensors as (
    select
        store_name,
        sensor_id,
        min(traffic_date) as first_date,
        max(read_at_local) as last_hour_local
    from accepted
    group by store_name, sensor_id
),

last_hours as (
    select
        store_name,
        max(last_hour_local) as last_hour_local
    from sensors
    group by store_name
),

final as (
    select
        sensors.store_name,
        sensors.sensor_id,
        stores.time_zone,
        hour(last_hours.last_hour_local) as last_hour_of_day,
        sensors.first_date,
        cast(last_hours.last_hour_local as date) as last_date
    from sensors
    inner join last_hours on sensors.store_name = last_hours.store_name
    inner join stores on sensors.store_name = stores.store_name
)

select * from final
