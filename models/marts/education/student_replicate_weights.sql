{{ config(
    materialized='incremental',
    unique_key='submission_key',
    post_hook=[
        "{{ create_weighted_mean(ref('fct_student_submissions'), this) }}",
        "{{ describe_weighted_mean() }}",
        "{{ create_weighted_mean_difference(ref('fct_student_submissions'), this) }}",
        "{{ describe_weighted_mean_difference() }}",
    ] if target.type == 'duckdb' else [],
) }}

with students as (
    select * from {{ ref('int_education__file_students_affected') }}
    where student_weight is not null and {{ has_replicate_weights() }}
),

final as (
    select
        submission_key,
        {%- for number in range(1, replicates() + 1) %}
        cast(replicate_weight_{{ number }} as double) as replicate_weight_{{ number }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from students
),

affected as ( -- noqa: ST03
    select submission_key
    from {{ ref('int_education__submissions_affected') }}
    where submission_source = 'file'
)

{{ rows_of_affected('affected', 'final', ['submission_key']) }}
