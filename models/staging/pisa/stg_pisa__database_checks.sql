with database_checks as (
    select * from {{ source('pisa', 'database_checks') }}
),

typed as (
    select
        database_country,
        outcome,
        {{ text_to_bigint('rows_at_source') }} as rows_at_source,
        {{ utc_text_to_timestamp('checked_at') }} as checked_at
    from database_checks
)

select * from typed
