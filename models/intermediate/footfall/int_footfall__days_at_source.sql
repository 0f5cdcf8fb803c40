with day_counts as (
    select * from {{ ref('stg_store_sensors__day_counts') }}
),

reconciled as (
    select * from {{ ref('stg_store_sensors__reconciliations') }}
),

-- A count that did not change is not noted again; the whole store was compared later.
final as (
    select
        day_counts.store_name,
        day_counts.readings_at_source,
        day_counts.visits_at_source,
        day_counts.traffic_date,
        greatest(
            day_counts.checked_at,
            coalesce(reconciled.reconciled_at, day_counts.checked_at)
        ) as checked_at
    from day_counts
    left join reconciled on day_counts.store_name = reconciled.part
)

select * from final
