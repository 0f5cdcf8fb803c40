{# Select items of a group of readings: visits, null where no reading was valid, and how many
   readings were expected, valid, failed and not received. #}
{% macro readings_counted() -%}
    cast(
        sum(case when visits_reported >= 0 then visits_reported end) as bigint
    ) as visits,
        cast(count(*) as bigint) as readings_expected,
        cast(count(case when visits_reported >= 0 then 1 end) as bigint) as readings_valid,
        cast(count(case when visits_reported = -1 then 1 end) as bigint) as readings_failed,
        cast(count(*) - count(visits_reported) as bigint) as readings_not_received
{%- endmacro %}
