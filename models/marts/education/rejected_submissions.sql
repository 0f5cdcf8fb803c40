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
        rejection_reason as reason,
        raw_row,
        file_name,
        line_number,
        load_id
    from submissions
    where rejection_reason is not null and detected_at is null
),

affected as ( -- noqa: ST03
    select submission_key from submissions
)

{{ rows_of_affected('affected', 'final', ['submission_key']) }}
