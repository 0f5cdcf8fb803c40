{# Changes of crimes from the previous month and from the same month of the previous year, for rows
   with crimes and is_complete_month. Every month of a series has to be there: the previous row is
   taken for the previous month. #}


{# Select items: the crimes that a month is compared with, and whether they can be compared.
   by_month: the name of a window that orders the months of a series. #}
{% macro earlier_crimes(by_month) -%}
    lag(crimes, 1) over {{ by_month }} as crimes_previous_month,
        lag(crimes, 12) over {{ by_month }} as crimes_same_month_last_year,
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
            when has_month_change then
                {{ exact_ratio('(crimes - crimes_previous_month)', 'crimes_previous_month', 100) }}
        end as change_on_month_pct,
        crimes_same_month_last_year,
        case
            when has_year_change then
                {{ exact_ratio(
                    '(crimes - crimes_same_month_last_year)', 'crimes_same_month_last_year', 100
                ) }}
        end as change_on_year_pct
{%- endmacro %}
