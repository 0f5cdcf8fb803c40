with sensors as (
    select * from {{ ref('int_footfall__sensors') }}
),

days as (
    select * from {{ ref('sensor_traffic_daily') }}
),

spans as (
    select
        store_name,
        sensor_id,
        min(traffic_date) as first_date,
        max(case when readings_valid > 0 then traffic_date end) as last_valid_date
    from days
    group by store_name, sensor_id
),

final as (
    select
        sensors.store_name,
        sensors.sensor_id,
        spans.first_date,
        spans.last_valid_date,
        sensors.is_listed
    from sensors
    left join spans
        on
            sensors.store_name = spans.store_name
            and sensors.sensor_id = spans.sensor_id
)

select * from final
