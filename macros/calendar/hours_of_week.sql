{# English names of the days of the week, from Monday: the place in the list is the ISO number. #}
{% macro weekday_names() -%}
    {{ return([
        'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'
    ]) }}
{%- endmacro %}


{# The English name of an ISO weekday. #}
{% macro weekday_name(iso_weekday) -%}
    case {{ iso_weekday }}
            {%- for name in weekday_names() %}
            when {{ loop.index }} then '{{ name }}'
            {%- endfor %}
        end
{%- endmacro %}


{# The 168 hours of a week: a query of (weekday_name, iso_weekday, hour_of_day). #}
{% macro hours_of_week() -%}
    select
        weekdays.weekday_name,
        weekdays.iso_weekday,
        hours.hour_of_day
    from (
        {%- for name in weekday_names() %}
        select
            '{{ name }}' as weekday_name,
            {{ loop.index }} as iso_weekday
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    ) as weekdays
    cross join (
        {%- for hour in range(24) %}
        select {{ hour }} as hour_of_day
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    ) as hours
{%- endmacro %}
