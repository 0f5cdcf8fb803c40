{{ config(materialized='table') }}

{% set left = relation_left('footfall.sensor_traffic_hourly') %}
-- Read only where a build is incremental: depends_on: {{ ref('int_footfall__days_received') }}
with readings as (
    select * from {{ ref('int_footfall__readings_accepted') }}
),

stores as (
    select * from {{ ref('int_footfall__stores') }}
),

-- Days that were not received again stand as the previous build left them.
accepted as (
    select
        store_name,
        sensor_id,
        traffic_date,
        read_at_local
    from readings
    {%- if left and is_touched_build('footfall.reading_load_reconciliation') %}

    union all

    select
        held.store_name,
        held.sensor_id,
        held.traffic_date,
        held.read_at_local
    from {{ left }} as held
    where
        held.load_id is not null
        and (held.store_name, held.traffic_date) not in (
            select
                days_received.store_name,
                days_received.traffic_date
            from {{ ref('int_footfall__days_received') }} as days_received
        )
    {%- endif %}
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
