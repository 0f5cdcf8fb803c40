{{ config(materialized='incremental', unique_key='country_code') }}

with submissions as (
    select * from {{ ref('fct_student_submissions') }}
    where country_code in (
        select affected.country_code
        from {{ ref('int_education__submissions_affected') }} as affected
    )
),

counted as (
    {%- for measure in answered_measures() %}
    {{ non_response_of(measure) }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

final as (
    select
        country_code,
        submission_source,
        survey_cycle,
        measure,
        submissions,
        submissions_without_answer,
        {{ exact_ratio('submissions_without_answer', 'submissions', times=100) }}
            as non_response_pct,
        {{ exact_mean('100 * (weight - weight_of_answers)', 'weight') }}
            as non_response_weighted_pct,
        {{ exact_mean('weighted_answers', 'weight_of_answers') }} as mean_weighted,
        cast(answer_percentile_5 as double) as answer_percentile_5,
        cast(answer_percentile_95 as double) as answer_percentile_95,
        {{ mean_with_all_answers('answer_percentile_5') }} as mean_weighted_low,
        {{ mean_with_all_answers('answer_percentile_95') }} as mean_weighted_high
    from counted
),

affected as ( -- noqa: ST03
    select distinct country_code
    from {{ ref('int_education__submissions_affected') }}
    where country_code is not null
)

{{ rows_of_affected('affected', 'final', ['country_code']) }}
