{{ config(materialized='table') }}

{#- The charts of means read these few rows; each of them would otherwise read every submission. #}
with submissions as (
    select * from {{ ref('fct_student_submissions') }}
),

final as (
    select
        {{ collection() }},
        years_of_early_education,
        cast(count(*) as bigint) as submissions,
        {{ weight_of('country_code', 'student_weight') }} as submissions_weight,
        {%- for answer in answers_summed() %}
        cast(count({{ answer }}) as bigint) as {{ answer }}_answers,
        cast(count(
            case when {{ answer }} is not null then student_weight end
        ) as bigint) as {{ answer }}_answers_weighted,
        {{ unweighted_sum(answer) }} as {{ answer }}_total,
        {{ weighted_sum(answer, 'student_weight') }} as {{ answer }}_weighted_total,
        {{ weight_of(answer, 'student_weight') }} as {{ answer }}_weight
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from submissions
    group by {{ collection() }}, years_of_early_education
)

select * from final
