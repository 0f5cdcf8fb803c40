{# What the survey's values mean. Its files have codes for `no answer` at the end of a column's
   range: 5 valid skip, 7 not applicable, 8 invalid, 9 no response, each after as many nines as fit.
   #}


{# A number of up to six decimals, a type in which sums are exact; null where the text is not one.
   #}
{% macro survey_number(text) -%}
    {{ text_to_number(text, type_survey_number()) }}
{%- endmacro %}

{% macro type_survey_number() -%}
    decimal(18, 6)
{%- endmacro %}


{# Whether a text means that there is no value: absent, empty or `NA`. #}
{% macro is_no_answer(text) -%}
    upper(trim(coalesce({{ text }}, ''))) in ('', 'NA')
{%- endmacro %}


{# A number, null where it is one of the codes from `first_code` to `last_code`: whole numbers that
   mean `no answer`. #}
{% macro unless_a_code(number, first_code, last_code) -%}
    case
        when
            not coalesce(
                {{ number }} between {{ first_code }} and {{ last_code }}
                and {{ number }} = floor({{ number }}),
                false
            )
            then {{ number }}
    end
{%- endmacro %}


{# How many replicate weights the survey has for each student. #}
{% macro replicates() -%}
    {{ return(80) }}
{%- endmacro %}


{# (1 − k)² with Fay's factor k = 0.5, by which the survey perturbs its replicate weights. #}
{% macro fay_factor_complement() -%}
    0.25
{%- endmacro %}


{# Whether a line has all of its replicate weights. #}
{% macro has_replicate_weights() -%}
    {%- for number in range(1, replicates() + 1) %}
    replicate_weight_{{ number }} is not null
    {%- if not loop.last %} and{% endif -%}
    {%- endfor %}
{%- endmacro %}


{# The first replicate weight of a raw line that is neither missing nor a weight, under its column's
   name, as `w_fsturwt7: abc`; null where all are valid. The expression is short because the engine
   plans 80 of them in each build. #}
{% macro replicate_weight_at_fault() -%}
    coalesce(
        {%- for number in range(1, replicates() + 1) %}
        {%- set text = 'w_fsturwt' ~ number %}
        case
            when
                not coalesce(
                    {{ is_a_weight(survey_number(text)) }}, {{ text }} in ('', 'NA'), true
                )
                then '{{ text }}: ' || {{ text }}
        end
        {%- if not loop.last %},{% endif -%}
        {%- endfor %}
    )
{%- endmacro %}


{# Whether a number is a student's weight: how many students of the country one stands for. #}
{% macro is_a_weight(number) -%}
    {{ number }} between 0.000001 and 1000000
{%- endmacro %}


{# Σ weight × value as an exact decimal; 0 where no row has both. The weight is a digit wider than
   its type: DuckDB multiplies decimals of up to 18 digits in 64 bits, where products overflow. #}
{% macro weighted_sum(value, weight='weight') -%}
    cast(coalesce(sum(
        cast({{ weight }} as decimal(19, 6))
        * cast({{ value }} as {{ type_survey_number() }})
    ), 0) as decimal(30, 12))
{%- endmacro %}


{# Σ weight of the rows that have the value, as an exact decimal; 0 where no row has it. #}
{% macro weight_of(value, weight='weight') -%}
    cast(coalesce(sum(
        case when {{ value }} is not null then cast({{ weight }} as {{ type_survey_number() }}) end
    ), 0) as decimal(24, 6))
{%- endmacro %}


{# Σ value as an exact decimal; 0 where there is none. #}
{% macro unweighted_sum(value) -%}
    cast(coalesce(sum(cast({{ value }} as {{ type_survey_number() }})), 0) as decimal(24, 6))
{%- endmacro %}


{# The standard error of a joined row of int_education__standard_errors, to six decimals; null
   unless every submission of the country has its replicate weights. #}
{% macro standard_error_of(errors, times=1) -%}
    case
        when {{ errors }}.submissions = submissions_of_country
            then {{ six_decimals(errors ~ '.standard_error / ' ~ times) }}
    end
{%- endmacro %}
