{# What the survey's values mean. Its files have codes for `no answer` at the end of a column's
   range: 5 valid skip, 7 not applicable, 8 invalid, 9 no response, each after as many nines as fit
   the column: 95 to 99 in two digits, 99999995 to 99999999 in eight. How many digits a column has
   differs between cycles and formats of a file. #}


{# A number of up to six decimals, a type in which sums are exact; null where the text is not one.
   The forms are those of text_to_number(), and `.5`, as SPSS writes what is below 1. #}
{% macro survey_number(text) -%}
    case
        when {{ is_full_match(text, '-?([0-9]*[.])?[0-9]+([eE]-[0-9]{1,2})?') }}
            then try_cast({{ text }} as {{ type_survey_number() }})
    end
{%- endmacro %}


{# A replicate weight. A plain cast is quicker; a line with a weight in another form is rejected. #}
{% macro replicate_weight(text) -%}
    try_cast({{ text }} as {{ type_survey_number() }})
{%- endmacro %}

{% macro type_survey_number() -%}
    decimal(18, 6)
{%- endmacro %}


{# Whether a text means that there is no value: absent, empty, `NA`, the special missing values of
   SAS (`.`, and `.N` or, once exported, `N`), or the label of a code. It is a pattern, because
   DuckDB makes a join of each long list of texts, whatever the number of rows. #}
{% macro is_no_answer(text) -%}
    {%- set forms = [
        '', 'NA', '[.]', '[.]?[IMNRV]', 'INVALID', 'MISSING', 'NO RESPONSE', 'NOT APPLICABLE',
        'NOT REACHED', 'VALID SKIP'
    ] -%}
    {{ is_full_match("upper(trim(coalesce(" ~ text ~ ", '')))", forms | join('|')) }}
{%- endmacro %}


{# Whether a number is a code for `no answer`: a whole one of `digits` digits, or of more, of which
   all but the last are nines. #}
{% macro is_a_code(number, digits=2) -%}
    coalesce(
        {{ number }} = floor({{ number }})
        and (
            {%- for width in range(digits, 9) %}
            {{ number }} between {{ 10 ** width - 5 }} and {{ 10 ** width - 1 }}
            {%- if not loop.last %} or{% endif %}
            {%- endfor %}
        ),
        false
    )
{%- endmacro %}


{# A number, null where it is a code for `no answer`. #}
{% macro unless_a_code(number, digits=2) -%}
    case when not {{ is_a_code(number, digits) }} then {{ number }} end
{%- endmacro %}


{# The shortest codes that a count of minutes can have: 995 minutes are an answer, and 9995 are
   within five minutes of a week in which a student never sleeps. #}
{% macro digits_of_minute_codes() -%}
    {{ return(4) }}
{%- endmacro %}


{# The number of a student as digits without leading zeros; null where the text is not a whole
   number. Numbers of any length are compared as text, so that no digit is lost. #}
{% macro student_number(text) -%}
    case
        when {{ is_full_match('trim(' ~ text ~ ')', '[0-9]+([.]0+)?') }}
            then coalesce(
                nullif(trim(leading '0' from split_part(trim({{ text }}), '.', 1)), ''), '0'
            )
    end
{%- endmacro %}


{# The year of a cycle of the survey as its files give it in CYC, such as `07MS`, or as others
   write it, such as `2018`; null for other texts. The eighth cycle came a year late. #}
{% macro cycle_year(text) -%}
    case upper(trim({{ text }}))
        {%- for cycle, year in {
            '1': 2000, '2': 2003, '3': 2006, '4': 2009, '5': 2012, '6': 2015, '7': 2018, '8': 2022,
            '9': 2025
        }.items() %}
        {%- for form in ['0' ~ cycle ~ 'MS', cycle ~ 'MS', year, year ~ '.0'] %}
        when '{{ form }}' then {{ year }}
        {%- endfor %}
        {%- endfor %}
    end
{%- endmacro %}


{# How many replicate weights the survey has for each student. #}
{% macro replicates() -%}
    {{ return(80) }}
{%- endmacro %}


{# The domains that are tested, by the end of the names of their columns in the survey's files. #}
{% macro tested_domains() -%}
    {{ return({'math': 'mathematics', 'read': 'reading', 'scie': 'science'}) }}
{%- endmacro %}


{# How many plausible values the survey has of each student and domain: draws of what the student
   can do, given the answers. #}
{% macro plausible_values() -%}
    {{ return(10) }}
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
   name, as `w_fsturwt7: abc`; null where all are valid. It is one `case`, because engines plan it in
   each build, and need five times as long for as many of them in a `coalesce`. #}
{% macro replicate_weight_at_fault() -%}
    case
        {%- for number in range(1, replicates() + 1) %}
        {%- set text = 'w_fsturwt' ~ number %}
        when
            not coalesce({{ is_a_weight(survey_number(text)) }}, {{ text }} in ('', 'NA'), true)
            then '{{ text }}: ' || {{ text }}
        {%- endfor %}
    end
{%- endmacro %}


{# Whether a line has all plausible values of a domain. #}
{% macro has_plausible_values(domain) -%}
    {%- for number in range(1, plausible_values() + 1) %}
        {{ domain }}_{{ number }} is not null
        {%- if not loop.last %} and{% endif %}
    {%- endfor -%}
{%- endmacro %}


{# The first plausible value of a raw line that is neither missing nor a score, under its column's
   name; null where all are valid. #}
{% macro plausible_value_at_fault() -%}
    coalesce(
        {%- for domain in tested_domains() %}
        {%- set is_last_domain = loop.last %}
        {%- for number in range(1, plausible_values() + 1) %}
        {%- set text = 'pv' ~ number ~ domain %}
        case
            when
                not coalesce(
                    {{ plausible_value(text) }} between -1000 and 2000, {{ text }} in ('', 'NA'),
                    true
                )
                then '{{ text }}: ' || {{ text }}
        end
        {%- if not (loop.last and is_last_domain) %},{% endif -%}
        {%- endfor %}
        {%- endfor %}
    )
{%- endmacro %}


{# A plausible value. As with replicate weights, a plain cast is quicker. #}
{% macro plausible_value(text) -%}
    try_cast({{ text }} as {{ type_survey_number() }})
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
   unless every submission of the collection that it is of has its replicate weights. #}
{% macro standard_error_of(errors, times=1) -%}
    case
        when {{ errors }}.submissions = submissions_of_collection
            then {{ six_decimals(errors ~ '.standard_error / ' ~ times) }}
    end
{%- endmacro %}
