with database_checks as (
    select * from {{ ref('stg_pisa__database_checks') }}
),

final as (
    select
        database_country as country_code,
        outcome,
        rows_at_source,
        coalesce(outcome = 'loaded', false) as is_reached,
        checked_at
    from database_checks
)

select * from final
