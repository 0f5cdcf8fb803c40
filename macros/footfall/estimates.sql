{# The numbers of the estimate of failed hours; docs/analysts.md describes the method. All were
   chosen by hiding known hours, see tests/python/dbt_project/estimates/. #}
{% macro estimate_settings() -%}
    {{ return({
        'weeks': 3,
        'open_share': 0.05,
        'visits_that_show_closure': 10,
        'prior_hours': 4,
        'error_multiple_90': 2.15,
        'deviations_90': 1.645,
        'deviations_90_of_periods': 1.68,
    }) }}
{%- endmacro %}


{# The frame of the same weekday in the weeks before and after; needs a week_number. #}
{% macro like_weeks(kind) -%}
    {%- set weeks = estimate_settings()['weeks'] -%}
    partition by {{ kind }} order by week_number asc
            range between {{ weeks }} preceding and {{ weeks }} following
{%- endmacro %}


{# Weeks from 1970 to a day: days of the same weekday in neighbouring weeks differ by one. #}
{% macro week_number(day) -%}
    cast(floor({{ days_between("'1970-01-01'", day) }} / 7) as integer)
{%- endmacro %}


{# The scale of the errors of an estimate in tenths of visits: between that of counts, whose errors
   grow with the square root, and that of proportional errors. Its square is in error_scale_2(). #}
{% macro error_scale(tenths) -%}
    sqrt(greatest({{ tenths }}, 1) * sqrt(greatest({{ tenths }}, 1)))
{%- endmacro %}

{% macro error_scale_2(tenths) -%}
    cast(floor(greatest({{ tenths }}, 1) * sqrt(greatest({{ tenths }}, 1)) + 0.5) as bigint)
{%- endmacro %}


{# A number of tenths as visits. #}
{% macro from_tenths(tenths) -%}
    cast({{ tenths }} as double) / 10
{%- endmacro %}


{# Visits of a mart (to one decimal) as a whole number of tenths, which add up exactly. #}
{% macro to_tenths(visits) -%}
    cast(floor(10 * {{ visits }} + 0.5) as bigint)
{%- endmacro %}


{# The estimate of a failed hour, before it is rounded: what its like hours usually count, times the
   factor of the day. #}
{% macro estimated_tenths(usual_sixtieths) -%}
    cast(floor({{ usual_sixtieths }} * day_factor / 6 + 0.5) as bigint)
{%- endmacro %}


{# Select items of a group of days of a daily mart: visits with their estimates, in tenths, and the
   variance of the error, in tenths of its unit. #}
{% macro days_estimated() -%}
    cast(sum({{ to_tenths('visits_estimated') }}) as bigint) as completed_tenths,
        cast(10 * sum(visits) as bigint) as measured_tenths,
        case
            when count(estimate_variance) = count(*)
                then cast(sum({{ to_tenths('estimate_variance') }}) as bigint)
        end as variance_tenths
{%- endmacro %}


{# Select items visits_estimated and its bounds, of a group of days_estimated(). Few weeks say how
   large errors are, which makes more sums miss by much than if that were known. #}
{% macro period_estimated() -%}
    {%- set half_width -%}
    cast(ceil(
        {{ estimate_settings()['deviations_90_of_periods'] }} * sqrt(10 * variance_tenths)
    ) as bigint)
    {%- endset -%}
    {{ from_tenths('completed_tenths') }} as visits_estimated,
        {{ from_tenths(
            'completed_tenths - least(' ~ half_width
            ~ ', completed_tenths - coalesce(measured_tenths, 0))'
        ) }} as visits_estimated_low,
        {{ from_tenths('completed_tenths + ' ~ half_width) }} as visits_estimated_high,
        {{ exact_ratio(
            '(completed_tenths - coalesce(measured_tenths, 0))', 'completed_tenths', 100
        ) }} as estimated_pct
{%- endmacro %}
