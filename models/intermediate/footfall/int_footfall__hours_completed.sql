with sensor_hours as (
    select * from {{ ref('int_footfall__sensor_hours') }}
),

store_days as (
    select * from {{ ref('int_footfall__estimate_errors') }}
),

estimates as (
    select * from {{ ref('int_footfall__hours_estimated') }}
),

final as (
    select
        sensor_hours.*,
        store_days.is_closed,
        coalesce(
            sensor_hours.hour_of_day >= store_days.opens_at_hour
            and sensor_hours.hour_of_day < store_days.closes_at_hour,
            false
        ) as is_opening_hour,
        estimates.readings_estimated,
        estimates.estimated_tenths,
        estimates.half_width_tenths,
        estimates.scale_2,
        estimates.scale_2_of_period
    from sensor_hours
    inner join store_days
        on
            sensor_hours.store_name = store_days.store_name
            and sensor_hours.traffic_date = store_days.traffic_date
    left join estimates
        on
            sensor_hours.sensor_number = estimates.sensor_number
            and sensor_hours.read_at_local = estimates.read_at_local
)

select * from final
