{# The answers whose sums int_education__answers_summed has, as columns of the fact. #}
{% macro answers_summed() -%}
    {{ return(['belonging', 'escs', 'learning_minutes_per_week']) }}
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
