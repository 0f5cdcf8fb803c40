{{ config(materialized='incremental', unique_key='submission_key') }}

with submissions as (
    select * from {{ ref('int_education__submissions_affected') }}
),

final as (
    select
        submission_key,
        country_code,
        submission_source,
        submission_id,
        load_id,
        years_of_early_education,
        learning_minutes_per_week,
        cast(belonging as double) as belonging,
        cast(socio_economic_status as double) as escs,
        cast(student_weight as double) as student_weight,
        submitted_at
    from submissions
    where rejection_reason is null and detected_at is null
),

affected as ( -- noqa: ST03
    select submission_key from submissions
)

{{ rows_of_affected('affected', 'final', ['submission_key']) }}
