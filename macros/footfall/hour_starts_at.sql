{# The instant at which a clock hour begins, from a row of int_footfall__zone_days: the first one
   for an hour that occurs twice. #}
{% macro hour_starts_at(zone_days, hour_of_day) -%}
    {{ plus_hours(
        zone_days ~ '.starts_at',
        '(' ~ hour_of_day ~ ' + case when ' ~ hour_of_day ~ ' > ' ~ zone_days ~ '.changed_hour'
        ~ ' then ' ~ zone_days ~ '.hours_in_day - 24 else 0 end)'
    ) }}
{%- endmacro %}
