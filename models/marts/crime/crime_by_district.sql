with district_days as (
    select * from {{ ref('crime_by_district_daily') }}
),

district_months as (
    select
        district_id,
        district_name,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests,
        cast(count_if(is_day_in_data) as bigint) as days_in_data,
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date) as month_start
    from district_days
    group by
        district_id,
        district_name,
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date)
),

flagged as (
    select
        *,
        days_in_data = extract(day from last_day(month_start)) as is_complete_month
    from district_months
),

-- A row back is a month back: the daily mart has every day of every district.
with_bases as (
    select
        *,
        lag(crimes, 1) over by_month as crimes_previous_month,
        lag(crimes, 12) over by_month as crimes_same_month_last_year,
        is_complete_month
        and coalesce(lag(is_complete_month, 1) over by_month, false) as has_month_change,
        is_complete_month
        and coalesce(lag(is_complete_month, 12) over by_month, false) as has_year_change
    from flagged
    window by_month as (partition by district_id order by month_start)
),

final as (
    select
        district_id,
        district_name,
        crimes,
        arrests,
        {{ exact_ratio('arrests', 'crimes', 100) }} as arrest_rate_pct,
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
        end as change_on_year_pct,
        days_in_data,
        is_complete_month,
        month_start
    from with_bases
)

select * from final
