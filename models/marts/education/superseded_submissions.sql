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
        superseded_by_file_name,
        superseded_by_line_number,
        file_name,
        line_number,
        load_id
    from submissions
    where is_superseded
),

affected as ( -- noqa: ST03
    select submission_key from submissions
)

{{ rows_of_affected('affected', 'final', ['submission_key']) }}
