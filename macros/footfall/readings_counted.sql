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


{# Select items of the same group, of int_footfall__hours_completed: what concerns the opening hours,
   and the sums of the estimates of failed ones. #}
{% macro estimates_counted() -%}
    cast(sum(case when is_opening_hour then hours_covered else 0 end) as bigint)
            as open_readings_expected,
        cast(sum(
            case when is_opening_hour then {{ hours_where('{} >= 0') }} else 0 end
        ) as bigint) as open_readings_valid,
        cast(sum(case when not is_opening_hour then {{ visits_counted() }} end) as bigint)
            as visits_outside_opening_hours,
        {{ estimates_summed() }}
{%- endmacro %}


{# Select items of a group of estimated hours: their sums, in tenths of visits. #}
{% macro estimates_summed() -%}
    cast(coalesce(sum(readings_estimated), 0) as bigint) as readings_estimated,
        cast(sum(estimated_tenths) as bigint) as estimated_tenths,
        cast(sum(half_width_tenths * half_width_tenths) as bigint) as half_width_2,
        cast(sum(scale_2) as bigint) as scale_2,
        cast(sum(scale_2_of_period) as bigint) as scale_2_of_period,
        count(estimated_tenths) = count(half_width_tenths) as is_error_known
{%- endmacro %}


{# Select items of a group of hours of int_footfall__store_hours_completed, the same as those of
   readings_counted() and estimates_counted(). #}
{% macro store_hours_counted() -%}
    {%- set sums = [
        'visits', 'readings_expected', 'readings_valid', 'readings_failed',
        'readings_not_received', 'readings_estimated', 'estimated_tenths', 'half_width_2',
        'scale_2', 'scale_2_of_period'
    ] -%}
    {%- for name in sums -%}
    cast(sum({{ name }}) as bigint) as {{ name }},
        {% endfor -%}
    cast(sum(case when is_opening_hour then readings_expected else 0 end) as bigint)
            as open_readings_expected,
        cast(sum(case when is_opening_hour then readings_valid else 0 end) as bigint)
            as open_readings_valid,
        cast(sum(case when not is_opening_hour then visits end) as bigint)
            as visits_outside_opening_hours,
        bool_and(is_error_known) as is_error_known
{%- endmacro %}


{# Visits of a group with its estimates, in tenths; null where there is neither. #}
{% macro completed_tenths() -%}
    case
        when visits is not null or estimated_tenths is not null
            then 10 * coalesce(visits, 0) + coalesce(estimated_tenths, 0)
    end
{%- endmacro %}


{# Select items visits_estimated and its bounds, of a group with completed_tenths and half_width,
   the half width of the interval in tenths. An estimate is never below 0. #}
{% macro visits_estimated() -%}
    {{ from_tenths('completed_tenths') }} as visits_estimated,
        {{ from_tenths(
            'completed_tenths - least(half_width, coalesce(estimated_tenths, 0))'
        ) }} as visits_estimated_low,
        {{ from_tenths('completed_tenths + half_width') }} as visits_estimated_high
{%- endmacro %}


{# Select items of rows `hours` of sensor_traffic_hourly that fulfil a condition: how many readings
   were expected, valid and failed, how many in opening hours, and the estimated visits that were not
   counted, in tenths. #}
{% macro recent_counted(is_recent) -%}
    {%- set of_open = 'case when hours.is_opening_hour then hours.{} else 0 end' -%}
    {%- set lost = to_tenths('hours.visits_estimated') ~ ' - 10 * coalesce(hours.visits, 0)' -%}
    {%- for name, value in {
        'readings_expected': 'hours.readings_expected',
        'readings_valid': 'hours.readings_valid',
        'readings_failed': 'hours.readings_failed',
        'open_readings_expected': of_open.format('readings_expected'),
        'open_readings_valid': of_open.format('readings_valid'),
        'lost_tenths': 'coalesce(' ~ lost ~ ', 0)',
    }.items() %}
        cast(sum(case when {{ is_recent }} then {{ value }} else 0 end) as bigint) as {{ name }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
