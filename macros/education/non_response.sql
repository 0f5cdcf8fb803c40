{# Who did not answer a measure, in each collection of the countries that a build has to look at,
   and between which bounds the mean lies. #}
{% macro non_response_of(measure) -%}
    select
        country_code,
        submission_source,
        survey_cycle,
        '{{ measure }}' as measure,
        cast(count(*) as bigint) as submissions,
        cast(count(*) - count({{ measure }}) as bigint) as submissions_without_answer,
        {{ weight_of('country_code', 'student_weight') }} as weight,
        {{ weight_of(measure, 'student_weight') }} as weight_of_answers,
        {{ weighted_sum(measure, 'student_weight') }} as weighted_answers,
        cast(
            percentile_cont(0.05) within group (order by cast({{ measure }} as double) asc)
            as {{ type_survey_number() }}
        ) as answer_percentile_5,
        cast(
            percentile_cont(0.95) within group (order by cast({{ measure }} as double) asc)
            as {{ type_survey_number() }}
        ) as answer_percentile_95
    from submissions
    group by country_code, submission_source, survey_cycle
    having count({{ measure }}) > 0
{%- endmacro %}


{# The measures that students answer, columns of fct_student_submissions. #}
{% macro answered_measures() -%}
    {{ return([
        'years_of_early_education', 'learning_minutes_per_week', 'class_periods_per_week',
        'belonging', 'escs'
    ]) }}
{%- endmacro %}


{# The weighted mean if everybody without an answer had answered `value`, to six decimals; the
   value's digits are those of weighted sums. #}
{% macro mean_with_all_answers(value) -%}
    {{ exact_mean(
        'cast(weighted_answers + cast(weight - weight_of_answers as decimal(19, 6)) * ' ~ value
        ~ ' as decimal(30, 12))',
        'weight'
    ) }}
{%- endmacro %}
