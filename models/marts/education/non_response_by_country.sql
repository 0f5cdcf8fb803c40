with sums as (
    select * from {{ ref('int_education__answers_summed') }}
),

ranges as (
    select * from {{ ref('int_education__answer_ranges') }}
),

summed as (
    select
        {{ collection() }},
        cast(sum(submissions) as bigint) as submissions,
        cast(sum(submissions_weight) as decimal(24, 6)) as submissions_weight,
        {{ sums_of_early_education() }},
        {%- for answer in answers_summed() %}
        cast(sum({{ answer }}_answers) as bigint) as {{ answer }}_answers,
        cast(sum({{ answer }}_weighted_total) as decimal(30, 12)) as {{ answer }}_weighted_total,
        cast(sum({{ answer }}_weight) as decimal(24, 6)) as {{ answer }}_weight
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from sums
    group by {{ collection() }}
),

collections as ( -- noqa: ST03
    select
        summed.*,
        {%- for measure in answered_measures() %}
        ranges.{{ measure }}_percentile_5,
        ranges.{{ measure }}_percentile_95
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from summed
    inner join ranges
        on
            summed.country_code = ranges.country_code
            and summed.submission_source = ranges.submission_source
            and summed.survey_cycle is not distinct from ranges.survey_cycle
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
)

select * from final
