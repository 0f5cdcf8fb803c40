{# Crimes per 100,000 residents and year: crimes, as if the days without data were like the others.
   In a complete year it is crimes ÷ residents × 100,000. #}
{% macro annual_rate_per_100k(crimes, days_in_data, days_in_year, residents) -%}
    {{ exact_ratio(
        '(' ~ crimes ~ ' * ' ~ days_in_year ~ ')',
        '(cast(' ~ residents ~ ' as bigint) * ' ~ days_in_data ~ ')',
        100000
    ) }}
{%- endmacro %}


{# The days of a year. #}
{% macro days_in_year(year) -%}
    case when {{ year }} % 4 = 0 and ({{ year }} % 100 != 0 or {{ year }} % 400 = 0) then 366 else 365 end
{%- endmacro %}
