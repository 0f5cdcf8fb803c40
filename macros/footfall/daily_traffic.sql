{# The visits of each day: the query of sensor_traffic_daily and store_traffic_daily.

   by: the columns of what is counted, ['store_name', 'sensor_id'] or ['store_name']. #}
{% macro daily_traffic(by) -%}
    {%- set settings = estimate_settings() -%}
    {%- set is_of_store = by | length == 1 -%}
    with days_affected as (
        select * from {{ ref('int_footfall__days_affected') }}
    ),

    hours as (
        {%- if is_of_store %}
        select * from {{ ref('int_footfall__store_hours_completed') }}
        {%- else %}
        select * from {{ ref('int_footfall__hours_completed') }}
        {%- endif %}
    ),

    store_days as (
        select * from {{ ref('int_footfall__estimate_errors') }}
    ),

    measured as (
        select
            {{ by | join(',\n            ') }},
            max(time_zone) as time_zone,
            {{ iso_weekday('traffic_date') }} as iso_weekday,
            max(hours_in_day) as hours_in_day,
            {% if is_of_store -%}
            {{ store_hours_counted() }},
            {%- else -%}
            {{ readings_counted() }},
            {{ estimates_counted() }},
            {%- endif %}
            bool_or(is_affected) as is_affected,
            bool_and(is_complete_day) as is_complete_day,
            traffic_date
        from hours
        group by {{ by | join(', ') }}, traffic_date
    ),

    -- The hours of a day share the error of the day's factor.
    with_error as (
        select
            measured.*,
            {{ completed_tenths() }} as completed_tenths,
            store_days.is_closed,
            store_days.opens_at_hour,
            store_days.closes_at_hour,
            store_days.opening_hours_source,
            store_days.error_variance * measured.scale_2
            * (1 + coalesce(
                6.0 * measured.estimated_tenths / greatest(store_days.usual_known, 1), 0
            )) as hours_variance,
            store_days.error_variance * measured.scale_2_of_period as period_variance,
            store_days.day_error * store_days.day_error
            * measured.estimated_tenths * measured.estimated_tenths as day_variance
        from measured
        inner join store_days
            on
                measured.store_name = store_days.store_name
                and measured.traffic_date = store_days.traffic_date
    ),

    with_interval as (
        select
            *,
            case when is_closed then null else completed_tenths end as usual_tenths,
            case
                when coalesce(estimated_tenths, 0) = 0 then 0
                when is_error_known
                    then cast(ceil({{ settings['deviations_90'] }}
                        * sqrt(hours_variance + day_variance)) as bigint)
            end as half_width,
            case
                when coalesce(estimated_tenths, 0) = 0 then 0
                when is_error_known
                    then floor((period_variance + day_variance) / 10 + 0.5) / 10
            end as estimate_variance
        from with_error
    ),

    compared as (
        {{ with_last_4('with_interval', by | join(', ') ~ ', iso_weekday') }}
    ),

    final as (
        select
            {{ by | join(',\n            ') }},
            traffic_date,
            time_zone,
            iso_weekday,
            hours_in_day,
            {%- if is_of_store %}
            opens_at_hour,
            closes_at_hour,
            opening_hours_source,
            {%- endif %}
            is_closed,
            visits,
            {{ visits_estimated() }},
            cast(estimate_variance as double) as estimate_variance,
            visits_outside_opening_hours,
            readings_expected,
            readings_valid,
            readings_failed,
            readings_not_received,
            open_readings_expected,
            open_readings_valid,
            readings_estimated,
            {{ exact_ratio('readings_valid', 'readings_expected', 100) }} as coverage_pct,
            {{ exact_ratio('open_readings_valid', 'open_readings_expected', 100) }}
                as coverage_open_pct,
            {{ vs_average() }},
            is_complete_day
        from compared
    )

    {{ rows_of_affected('days_affected', 'final', ['store_name', 'traffic_date']) }}
{%- endmacro %}
