{# The proficiency levels of each domain, lowest first, with the score above which each begins: the
   cut scores of the OECD (PISA 2022 Technical Report, proficiency scale construction). The lowest
   has no beginning. 2015 and 2018 have the same scores, and level 1 of mathematics in one. #}
{% macro proficiency_levels(domain) -%}
    {{ return({
        'mathematics': [
            ('below 1c', none), ('1c', 233.17), ('1b', 295.47), ('1a', 357.77), ('2', 420.07),
            ('3', 482.38), ('4', 544.68), ('5', 606.99), ('6', 669.30)
        ],
        'reading': [
            ('below 1c', none), ('1c', 189.33), ('1b', 262.04), ('1a', 334.75), ('2', 407.47),
            ('3', 480.18), ('4', 552.89), ('5', 625.61), ('6', 698.32)
        ],
        'science': [
            ('below 1b', none), ('1b', 260.54), ('1a', 334.94), ('2', 409.54), ('3', 484.14),
            ('4', 558.73), ('5', 633.33), ('6', 707.93)
        ]
    }[domain]) }}
{%- endmacro %}


{# The level of a score, counted from 0 for the lowest. #}
{% macro proficiency_level(domain, score) -%}
    case {{ domain }}
        {%- for name in tested_domains().values() %}
        when '{{ name }}' then
            case
                {%- for level, lowest in proficiency_levels(name) | reverse if lowest is not none %}
                when {{ score }} > {{ lowest }} then {{ loop.revindex }}
                {%- endfor %}
                else 0
            end
        {%- endfor %}
    end
{%- endmacro %}


{# The levels as rows of (domain, level_number, statistic, proficiency_level, lowest_score). #}
{% macro proficiency_levels_as_rows() -%}
    {%- for domain in tested_domains().values() -%}
    {%- set is_last_domain = loop.last -%}
    {%- for level, lowest in proficiency_levels(domain) -%}
    select
        '{{ domain }}' as domain,
        {{ loop.index0 }} as level_number,
        'level {{ loop.index0 }}' as statistic,
        '{{ level }}' as proficiency_level,
        cast({{ 'null' if lowest is none else lowest }} as double) as lowest_score
    {%- if not (loop.last and is_last_domain) %}
    union all
    {% endif %}
    {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}


{# The statistics that are estimated of a domain, as rows of (domain, statistic, level_number): the
   levels whose students each is of. `mean` is of all, `level N` of one, `below level 2` and
   `level 5 or above` of several. #}
{% macro achievement_statistics() -%}
    {%- set rows = [] -%}
    {%- for domain in tested_domains().values() -%}
        {%- set names = proficiency_levels(domain) | map('first') | list -%}
        {%- for name in names -%}
            {%- set level_number = loop.index0 -%}
            {%- do rows.append((domain, 'mean', level_number)) -%}
            {%- do rows.append((domain, 'level ' ~ level_number, level_number)) -%}
            {%- if level_number < names.index('2') -%}
                {%- do rows.append((domain, 'below level 2', level_number)) -%}
            {%- elif level_number >= names.index('5') -%}
                {%- do rows.append((domain, 'level 5 or above', level_number)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for domain, statistic, level_number in rows -%}
    select
        '{{ domain }}' as domain,
        '{{ statistic }}' as statistic,
        {{ level_number }} as level_number
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}


{# The standard error of a row of int_education__achievement_estimates, by Rubin's rules. #}
{% macro achievement_error() -%}
    sqrt(sampling_variance + (1 + 1.0 / {{ plausible_values() }}) * imputation_variance)
{%- endmacro %}


{# The estimate of one statistic, and its standard error, as columns of a row for each domain; 0 of a
   share that no student is in. The error is null unless every student with scores has its weight
   and all replicates. #}
{% macro achievement_columns(statistic, name, times=1) -%}
    case
            when max(weighted_of_all) > 0
                then coalesce(max(case
                    when statistic = '{{ statistic }}'
                        then {{ six_decimals(times ~ ' * estimate') }}
                end), 0)
        end as {{ name }},
        case
            when max(replicated_of_all) = max(students_of_all) and max(students_of_all) > 1
                then coalesce(max(case
                    when statistic = '{{ statistic }}'
                        then {{ six_decimals(times ~ ' * ' ~ achievement_error()) }}
                end), 0)
        end as {{ name }}_se
{%- endmacro %}
