with reconciliations as (
    select * from {{ ref('int_core__reconciliations') }}
),

loads as (
    select * from {{ ref('load_reconciliation') }}
),

counts as (
    select * from {{ ref('source_reconciliation') }}
),

times as (
    select
        source_name,
        loaded_at as read_at
    from loads

    union all

    select
        source_name,
        checked_at as read_at
    from counts

    union all

    select
        source_name,
        reconciled_at as read_at
    from reconciliations
),

final as (
    select
        source_name,
        max(read_at) as read_at
    from times
    group by source_name
)

select * from final
