{# The answers whose sums int_education__answers_summed has, as columns of the fact; those of the years
   of early education follow from its groups. #}
{% macro answers_summed() -%}
    {{ return(['belonging', 'escs', 'learning_minutes_per_week', 'class_periods_per_week']) }}
{%- endmacro %}


{# The sums of one answer over groups of int_education__answers_summed, as `answers`,
   `answers_weighted`, `total`, `weighted_total` and `weight`. #}
{% macro sums_of_answer(answer) -%}
    cast(sum({{ answer }}_answers) as bigint) as answers,
    cast(sum({{ answer }}_answers_weighted) as bigint) as answers_weighted,
    cast(sum({{ answer }}_total) as decimal(24, 6)) as total,
    cast(sum({{ answer }}_weighted_total) as decimal(30, 12)) as weighted_total,
    cast(sum({{ answer }}_weight) as decimal(24, 6)) as weight
{%- endmacro %}


{# The sums of the years of early education, which are a group's own value, over groups of
   int_education__answers_summed. #}
{% macro sums_of_early_education() -%}
    cast(coalesce(sum(
        case when years_of_early_education is not null then submissions end
    ), 0) as bigint) as years_of_early_education_answers,
    cast(coalesce(sum(
        years_of_early_education * submissions_weight
    ), 0) as decimal(30, 12)) as years_of_early_education_weighted_total,
    cast(coalesce(sum(
        case when years_of_early_education is not null then submissions_weight end
    ), 0) as decimal(24, 6)) as years_of_early_education_weight
{%- endmacro %}
