with store_hours as (
    select * from {{ ref('int_footfall__store_hours') }}
),

store_days as (
    select * from {{ ref('int_footfall__estimate_errors') }}
),

estimates as (
    select * from {{ ref('int_footfall__hours_estimated') }}
),

estimated as (
    select
        store_name,
        {{ estimates_summed() }},
        read_at_local
    from estimates
    group by store_name, read_at_local
),

final as (
    select
        store_hours.store_name,
        store_hours.time_zone,
        store_hours.hour_of_day,
        store_hours.iso_weekday,
        store_hours.hours_in_day,
        store_hours.hours_covered,
        store_days.is_closed,
        store_hours.is_opening_hour,
        store_hours.visits,
        store_hours.readings_expected,
        store_hours.readings_valid,
        store_hours.readings_failed,
        store_hours.readings_not_received,
        coalesce(estimated.readings_estimated, 0) as readings_estimated,
        estimated.estimated_tenths,
        estimated.half_width_2,
        estimated.scale_2,
        estimated.scale_2_of_period,
        coalesce(estimated.is_error_known, true) as is_error_known,
        store_hours.is_complete_day,
        store_hours.is_affected,
        store_hours.traffic_date,
        store_hours.read_at,
        store_hours.read_at_local
    from store_hours
    inner join store_days
        on
            store_hours.store_name = store_days.store_name
            and store_hours.traffic_date = store_days.traffic_date
    left join estimated
        on
            store_hours.store_name = estimated.store_name
            and store_hours.read_at_local = estimated.read_at_local
)

select * from final
