with reconciled as (
    select * from {{ ref('int_core__reconciliations') }}
),

crime as (
    select
        'chicago-crime' as source_name,
        source_dataset as part,
        rows_at_source,
        rows_at_source - difference as rows_here,
        rows_deleted,
        difference,
        checked_at
    from {{ ref('crime_source_reconciliation') }}
),

footfall as (
    select
        'store-sensors' as source_name,
        store_name as part,
        readings_at_source as rows_at_source,
        readings_here as rows_here,
        readings_deleted as rows_deleted,
        coalesce(difference, visits_difference) as difference,
        checked_at
    from {{ ref('reading_source_reconciliation') }}
),

education as (
    select
        'pisa' as source_name,
        country_code as part,
        rows_at_source,
        rows_in_fact + rows_rejected as rows_here,
        rows_deleted,
        difference,
        checked_at
    from {{ ref('submission_hour_reconciliation') }}
),

periods as (
    select * from crime

    union all

    select * from footfall

    union all

    select * from education
),

summed as (
    select
        source_name,
        part,
        cast(count(*) as bigint) as periods,
        cast(count(case when difference != 0 then 1 end) as bigint) as periods_that_differ,
        cast(sum(rows_at_source) as bigint) as rows_at_source,
        cast(sum(rows_here) as bigint) as rows_here,
        cast(sum(rows_deleted) as bigint) as rows_deleted,
        max(checked_at) as checked_at
    from periods
    group by source_name, part
),

final as (
    select
        summed.source_name,
        summed.part,
        summed.periods,
        summed.periods_that_differ,
        reconciled.periods_read_again,
        summed.rows_at_source,
        summed.rows_here,
        summed.rows_deleted,
        summed.checked_at,
        reconciled.reconciled_at
    from summed
    left join reconciled
        on summed.source_name = reconciled.source_name and summed.part = reconciled.part
)

select * from final
