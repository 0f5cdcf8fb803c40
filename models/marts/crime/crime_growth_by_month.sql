with district_months as (
    select * from {{ ref('crime_by_district') }}
),

city_months as (
    select
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests,
        max(days_in_data) as days_in_data,
        is_complete_month,
        month_start
    from district_months
    group by month_start, is_complete_month
),

-- The previous row is the previous month: the district mart has every month of the data.
with_bases as (
    select
        *,
        {{ earlier_crimes('by_month') }},
        sum(crimes) over twelve_months as crimes_in_twelve_rows,
        sum(case when is_complete_month then 1 else 0 end) over twelve_months as complete_months
    from city_months
    window
        by_month as (order by month_start),
        twelve_months as (order by month_start rows between 11 preceding and current row)
),

final as (
    select
        month_start,
        crimes,
        arrests,
        {{ exact_ratio('arrests', 'crimes', 100) }} as arrest_rate_pct,
        {{ exact_ratio('crimes', 'days_in_data') }} as crimes_per_day,
        {{ month_changes() }},
        case
            when complete_months = 12 then cast(crimes_in_twelve_rows as bigint)
        end as crimes_12_months,
        days_in_data,
        is_complete_month
    from with_bases
)

select * from final
