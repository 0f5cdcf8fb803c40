{{ config(materialized='incremental', unique_key='submission_key') }}

with submissions as (
    select * from {{ ref('int_education__submissions_affected') }}
),

final as (
    select
        submission_key,
        country_code,
        submission_id,
        submitted_at,
        detected_at,
        load_id
    from submissions
    where detected_at is not null
),

affected as ( -- noqa: ST03
    select submission_key from submissions
)

{{ rows_of_affected('affected', 'final', ['submission_key']) }}
