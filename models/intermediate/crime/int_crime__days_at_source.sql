with day_counts as (
    select * from {{ ref('stg_chicago_crime__day_counts') }}
),

reconciled as (
    select * from {{ ref('stg_chicago_crime__reconciliations') }}
),

-- A count that did not change is not noted again; the whole was compared later. Rows without a time
-- of occurrence belong to no day: they are in rejected_crimes.
final as (
    select
        day_counts.source_dataset,
        day_counts.occurred_date,
        day_counts.rows_at_source,
        greatest(
            day_counts.checked_at,
            coalesce(reconciled.reconciled_at, day_counts.checked_at)
        ) as checked_at
    from day_counts
    left join reconciled on day_counts.source_dataset = reconciled.part
    where day_counts.occurred_date is not null
)

select * from final
