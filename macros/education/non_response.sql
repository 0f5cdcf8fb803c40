{# Who did not answer a measure, in each collection, and between which bounds the mean lies; of the
   relation `collections`. #}
{% macro non_response_of(measure) -%}
    select
        {{ collection() }},
        '{{ measure }}' as measure,
        submissions,
        submissions - {{ measure }}_answers as submissions_without_answer,
        submissions_weight as weight,
        {{ measure }}_weight as weight_of_answers,
        {{ measure }}_weighted_total as weighted_answers,
        {{ measure }}_percentile_5 as answer_percentile_5,
        {{ measure }}_percentile_95 as answer_percentile_95
    from collections
    where {{ measure }}_answers > 0
{%- endmacro %}


{# The measures that students answer, columns of fct_student_submissions. #}
{% macro answered_measures() -%}
    {{ return(['years_of_early_education'] + answers_summed()) }}
{%- endmacro %}


{# The value below which so many percent of the answers to a measure lie, interpolated. #}
{% macro answer_percentile(measure, percent) -%}
    cast(
        percentile_cont({{ percent / 100 }}) within group (
            order by cast({{ measure }} as double) asc
        ) as {{ type_survey_number() }}
    )
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
