with days_at_source as (
    select * from {{ ref('int_footfall__days_at_source') }}
),

days_held as (
    select * from {{ ref('int_footfall__days_held') }}
),

counted as (
    select
        days_at_source.store_name,
        days_at_source.readings_at_source,
        coalesce(days_held.readings_here, 0) as readings_here,
        coalesce(days_held.readings_deleted, 0) as readings_deleted,
        days_at_source.visits_at_source,
        coalesce(days_held.visits_here, 0) as visits_here,
        days_at_source.traffic_date,
        days_at_source.checked_at
    from days_at_source
    left join days_held
        on
            days_at_source.store_name = days_held.store_name
            and days_at_source.traffic_date = days_held.traffic_date
),

final as (
    select
        store_name,
        readings_at_source,
        readings_here,
        readings_deleted,
        readings_at_source - readings_here as difference,
        visits_at_source,
        visits_here,
        visits_at_source - visits_here as visits_difference,
        traffic_date,
        checked_at
    from counted
)

select * from final
