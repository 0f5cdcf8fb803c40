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

-- The previous row is the previous month: the daily mart has every day of every district.
with_bases as (
    select
        *,
        {{ earlier_crimes('by_month') }}
    from flagged
    window by_month as (partition by district_id order by month_start)
),

final as (
    select
        district_id,
        district_name,
        month_start,
        crimes,
        arrests,
        {{ exact_ratio('arrests', 'crimes', 100) }} as arrest_rate_pct,
        {{ exact_ratio('crimes', 'days_in_data') }} as crimes_per_day,
        {{ month_changes() }},
        days_in_data,
        is_complete_month
    from with_bases
)

select * from final
