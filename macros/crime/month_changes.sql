{# Changes of crimes from the previous month and from the same month of the previous year, for rows
   with crimes, days_in_data and is_complete_month. Every month of a series has to be there: the
   previous row is taken for the previous month. Months differ in length, so each change of the
   total has that of the mean per day beside it. #}


{# Select items: what a month is compared with, and whether they can be compared.
   by_month: the name of a window that orders the months of a series. #}
{% macro earlier_crimes(by_month) -%}
    lag(crimes, 1) over {{ by_month }} as crimes_previous_month,
        lag(crimes, 12) over {{ by_month }} as crimes_same_month_last_year,
        lag(days_in_data, 1) over {{ by_month }} as days_previous_month,
        lag(days_in_data, 12) over {{ by_month }} as days_same_month_last_year,
        is_complete_month
        and coalesce(lag(is_complete_month, 1) over {{ by_month }}, false) as has_month_change,
        is_complete_month
        and coalesce(lag(is_complete_month, 12) over {{ by_month }}, false) as has_year_change
{%- endmacro %}


{# Select items: those crimes and the changes, after earlier_crimes(); null between months of which
   one is not complete. #}
{% macro month_changes() -%}
    crimes_previous_month,
        case
            when has_month_change then {{ change_pct('previous_month') }}
        end as change_on_month_pct,
        case
            when has_month_change then {{ change_per_day_pct('previous_month') }}
        end as change_on_month_per_day_pct,
        crimes_same_month_last_year,
        case
            when has_year_change then {{ change_pct('same_month_last_year') }}
        end as change_on_year_pct,
        case
            when has_year_change then {{ change_per_day_pct('same_month_last_year') }}
        end as change_on_year_per_day_pct
{%- endmacro %}


{# In percent of the earlier month's crimes; null where it had none. #}
{% macro change_pct(earlier) -%}
    {{ exact_ratio('(crimes - crimes_' ~ earlier ~ ')', 'crimes_' ~ earlier, 100) }}
{%- endmacro %}


{# (crimes / days - earlier crimes / earlier days) / (earlier crimes / earlier days), as one ratio
   of integers. #}
{% macro change_per_day_pct(earlier) -%}
    {%- set earlier_on_these_days = 'crimes_' ~ earlier ~ ' * days_in_data' -%}
    {{ exact_ratio(
        '(crimes * days_' ~ earlier ~ ' - ' ~ earlier_on_these_days ~ ')',
        '(' ~ earlier_on_these_days ~ ')',
        100
    ) }}
{%- endmacro %}
