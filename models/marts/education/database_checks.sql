{% set by = ['country_code'] %}
{% set from_database = "submission_source = 'database'" %}

with checks as (
    select * from {{ ref('int_education__database_checks') }}
),

counted as (
    {{ counted_rows(by, {
        'rows_in_warehouse': rows_by(by, ref('fct_student_submissions'), where=from_database),
        'rows_rejected': rows_by(by, ref('rejected_submissions'), where=from_database),
    }) }}
),

compared as (
    select
        checks.country_code,
        checks.outcome,
        checks.rows_at_source,
        coalesce(counted.rows_in_warehouse, 0) as rows_in_warehouse,
        coalesce(counted.rows_rejected, 0) as rows_rejected,
        checks.is_reached,
        checks.checked_at
    from checks
    left join counted on checks.country_code = counted.country_code
),

final as (
    select
        country_code,
        checked_at,
        outcome,
        is_reached,
        rows_at_source,
        rows_in_warehouse,
        rows_rejected,
        rows_at_source - rows_in_warehouse - rows_rejected as rows_missing
    from compared
)

select * from final
