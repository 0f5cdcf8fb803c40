{{ config(materialized='incremental', unique_key='submission_key') }}

with submissions as (
    select * from {{ ref('int_education__submissions_affected') }}
),

final as (
    select
        submission_key,
        country_code,
        survey_cycle,
        submission_source,
        submission_id,
        school_id,
        stratum,
        submitted_at,
        years_of_early_education,
        cast(learning_minutes_per_week as double) as learning_minutes_per_week,
        cast(class_periods_per_week as double) as class_periods_per_week,
        cast(belonging as double) as belonging,
        cast(socio_economic_status as double) as escs,
        cast(student_weight as double) as student_weight,
        load_id
    from submissions
    where rejection_reason is null and detected_at is null and not is_superseded
),

affected as ( -- noqa: ST03
    select submission_key from submissions
)

{{ rows_of_affected('affected', 'final', ['submission_key']) }}
