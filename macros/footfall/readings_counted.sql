{# A reading of int_footfall__sensor_hours: visits, null where neither of its hours was valid. #}
{% macro visits_counted() -%}
    case
        when visits_other_hour >= 0 then greatest(coalesce(visits_reported, 0), 0) + visits_other_hour
        when visits_reported >= 0 then visits_reported
    end
{%- endmacro %}


{# How many of the hours of such a reading fulfil a condition on `{}`, its visits. #}
{% macro hours_where(condition) -%}
    case when {{ condition.format('visits_reported') }} then 1 else 0 end
            + case when {{ condition.format('visits_other_hour') }} then 1 else 0 end
{%- endmacro %}


{# Select items of a group of readings: visits, null where no reading was valid, and how many
   readings were expected, valid, failed and not received. An hour that the clocks have twice has
   two. #}
{% macro readings_counted() -%}
    cast(sum({{ visits_counted() }}) as bigint) as visits,
        cast(sum(hours_covered) as bigint) as readings_expected,
        cast(sum({{ hours_where('{} >= 0') }}) as bigint) as readings_valid,
        cast(sum({{ hours_where('{} = -1') }}) as bigint) as readings_failed,
        cast(
            sum(hours_covered) - count(visits_reported) - count(visits_other_hour) as bigint
        ) as readings_not_received
{%- endmacro %}
