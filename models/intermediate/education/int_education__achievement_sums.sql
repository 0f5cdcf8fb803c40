{{ config(materialized='table') }}

{#- The sums of countries with an affected line of a file. -#}
{%- set scores = [] -%}
{%- for domain in tested_domains().values() -%}
{%- for number in range(1, plausible_values() + 1) -%}
{%- do scores.append('plausible_values.' ~ domain ~ '_' ~ number) -%}
{%- endfor -%}
{%- endfor -%}

with submissions as (
    select * from {{ ref('fct_student_submissions') }}
    where country_code in (
        select affected.country_code
        from {{ ref('int_education__submissions_affected') }} as affected
        where affected.submission_source = 'file'
    )
),

plausible_values as (
    select * from {{ ref('student_plausible_values') }}
),

replicate_weights as (
    select * from {{ ref('student_replicate_weights') }}
),

scores as (
    select
        submissions.country_code,
        submissions.survey_cycle,
        submissions.student_weight as replicate_weight_0,
        {%- for number in range(1, replicates() + 1) %}
        replicate_weights.replicate_weight_{{ number }},
        {%- endfor %}
        {{ columns_as_rows(scores, 'place', 'score') }}
    from submissions
    inner join plausible_values on submissions.submission_key = plausible_values.submission_key
    left join replicate_weights on submissions.submission_key = replicate_weights.submission_key
),

scores_of_domains as (
    select
        *,
        case
            {%- for domain in tested_domains().values() %}
            when place < {{ plausible_values() * loop.index }} then '{{ domain }}'
            {%- endfor %}
        end as domain,
        cast(place % {{ plausible_values() }} + 1 as integer) as plausible_value_number
    from scores
    where score is not null
),

final as (
    select
        country_code,
        survey_cycle,
        domain,
        plausible_value_number,
        {{ proficiency_level('domain', 'score') }} as level_number,
        cast(count(*) as bigint) as students,
        cast(count(replicate_weight_0) as bigint) as students_weighted,
        cast(count(replicate_weight_1) as bigint) as students_replicated,
        {%- for number in range(replicates() + 1) %}
        {{ stable_sum('replicate_weight_' ~ number) }} as weight_{{ number }},
        {%- endfor %}
        {%- for number in range(replicates() + 1) %}
        {{ stable_sum('replicate_weight_' ~ number ~ ' * score') }} as score_{{ number }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from scores_of_domains
    group by country_code, survey_cycle, domain, plausible_value_number, level_number
)

select * from final
