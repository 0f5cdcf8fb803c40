with day_counts as (
    select * from {{ ref('int_crime__days_at_source') }}
),

crimes as (
    select
        source_dataset,
        occurred_date,
        cast(sum(crimes) as bigint) as crimes
    from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'day'
    group by all
),

rejected as (
    select
        source_dataset,
        occurred_date,
        cast(count(*) as bigint) as rows_rejected
    from {{ ref('rejected_crimes') }}
    group by all
),

-- Published with an id: still at the source, but known under an id already.
superseded as (
    select
        source_dataset,
        occurred_date,
        cast(count(case when superseded_reason = 'published with an id' then 1 end) as bigint)
            as rows_known_with_id,
        cast(count(case when superseded_reason = 'deleted at the source' then 1 end) as bigint)
            as rows_deleted
    from {{ ref('superseded_crimes') }}
    group by all
),

counted as (
    select
        day_counts.source_dataset,
        day_counts.rows_at_source,
        coalesce(crimes.crimes, 0) as crimes,
        coalesce(rejected.rows_rejected, 0) as rows_rejected,
        coalesce(superseded.rows_known_with_id, 0) as rows_known_with_id,
        coalesce(superseded.rows_deleted, 0) as rows_deleted,
        day_counts.occurred_date,
        day_counts.checked_at
    from day_counts
    left join crimes
        on
            day_counts.source_dataset = crimes.source_dataset
            and day_counts.occurred_date = crimes.occurred_date
    left join rejected
        on
            day_counts.source_dataset = rejected.source_dataset
            and day_counts.occurred_date = rejected.occurred_date
    left join superseded
        on
            day_counts.source_dataset = superseded.source_dataset
            and day_counts.occurred_date = superseded.occurred_date
),

final as (
    select
        source_dataset,
        rows_at_source,
        crimes,
        rows_rejected,
        rows_known_with_id,
        rows_deleted,
        rows_at_source - crimes - rows_rejected - rows_known_with_id as difference,
        occurred_date,
        checked_at
    from counted
)

select * from final
