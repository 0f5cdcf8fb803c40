{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key='submission_key',
        on_schema_change='fail',
        meta={'touched_in': 'int_education__submissions_touched'}
    )
}}

with submissions as (
    select * from {{ ref('int_education__submissions_touched') }}
    where rejection_reason is not null and detected_at is null
),

final as (
    select
        submission_key,
        country_code,
        submission_source,
        submission_id,
        rejection_reason as reason,
        raw_row,
        load_id,
        file_name,
        line_number
    from submissions
)

select * from final
