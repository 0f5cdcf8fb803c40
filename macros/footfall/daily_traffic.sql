{# The visits of each day: the query of sensor_traffic_daily and store_traffic_daily.

   by: the columns of what is counted, ['store_name', 'sensor_id'] or ['store_name']. #}
{% macro daily_traffic(by) -%}
    with days_affected as (
        select * from {{ ref('int_footfall__days_affected') }}
    ),

    sensor_hours as (
        select * from {{ ref('int_footfall__sensor_hours') }}
    ),

    measured as (
        select
            {{ by | join(',\n            ') }},
            max(time_zone) as time_zone,
            {{ iso_weekday('traffic_date') }} as iso_weekday,
            max(hours_in_day) as hours_in_day,
            {{ readings_counted() }},
            bool_or(is_affected) as is_affected,
            bool_and(is_complete_day) as is_complete_day,
            traffic_date
        from sensor_hours
        group by {{ by | join(', ') }}, traffic_date
    ),

    compared as (
        {{ with_last_4('measured', by | join(', ') ~ ', iso_weekday') }}
    ),

    final as (
        select
            {{ by | join(',\n            ') }},
            traffic_date,
            time_zone,
            iso_weekday,
            hours_in_day,
            visits,
            readings_expected,
            readings_valid,
            readings_failed,
            readings_not_received,
            {{ exact_ratio('readings_valid', 'readings_expected', 100) }} as coverage_pct,
            {{ vs_average() }},
            is_complete_day
        from compared
    )

    {{ rows_of_affected('days_affected', 'final', ['store_name', 'traffic_date']) }}
{%- endmacro %}
