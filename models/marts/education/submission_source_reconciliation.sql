{#- The rows held are counted in the marts: what was received and is in neither of them shows in
    submission_load_reconciliation. -#}
with database_checks as (
    select * from {{ ref('int_education__databases_checked') }}
),

kept as (
    select country_code from {{ ref('fct_student_submissions') }}
    where submission_source = 'database'

    union all

    select country_code from {{ ref('rejected_submissions') }}
    where submission_source = 'database'
),

counted as (
    select
        country_code,
        cast(count(*) as bigint) as rows_in_warehouse
    from kept
    group by country_code
),

final as (
    select
        database_checks.country_code,
        database_checks.outcome,
        database_checks.rows_at_source,
        coalesce(counted.rows_in_warehouse, 0) as rows_in_warehouse,
        database_checks.rows_at_source - coalesce(counted.rows_in_warehouse, 0) as rows_missing,
        database_checks.is_reached,
        database_checks.checked_at
    from database_checks
    left join counted on database_checks.country_code = counted.country_code
)

select * from final
