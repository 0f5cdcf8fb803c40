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
    where detected_at is not null
),

final as (
    select
        submission_key,
        country_code,
        submission_id,
        load_id,
        submitted_at,
        detected_at
    from submissions
)

select * from final
