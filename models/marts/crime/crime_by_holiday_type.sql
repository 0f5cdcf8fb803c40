with holidays as (
    select * from {{ ref('crime_by_holiday') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

day_types as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'day_type'
),

types as (
    select distinct
        primary_type,
        is_domestic
    from day_types
),

-- The holiday itself and the ordinary days that crime_by_holiday compares it with.
compared_days as (
    select
        holidays.holiday_name,
        holidays.holiday_date,
        dates.date_day,
        dates.date_day = holidays.holiday_date as is_the_holiday
    from holidays
    inner join dates
        on
            holidays.weekday_name = dates.weekday_name
            and dates.date_day >= {{ dbt.dateadd('day', -28, 'holidays.holiday_date') }}
            and dates.date_day <= {{ dbt.dateadd('day', 28, 'holidays.holiday_date') }}
    where
        dates.date_day = holidays.holiday_date
        or not (dates.is_holiday or dates.is_observed_holiday)
),

counted as (
    select
        days.holiday_name,
        days.holiday_date,
        day_types.primary_type,
        day_types.is_domestic,
        cast(sum(case when days.is_the_holiday then day_types.crimes else 0 end) as bigint)
            as crimes,
        cast(sum(case when days.is_the_holiday then 0 else day_types.crimes end) as bigint)
            as other_crimes,
        cast(sum(
            case when days.is_the_holiday then 0 else day_types.crimes * day_types.crimes end
        ) as bigint) as other_crimes_squared
    from compared_days as days
    inner join day_types on days.date_day = day_types.occurred_date
    group by
        days.holiday_name, days.holiday_date, day_types.primary_type, day_types.is_domestic
),

filled as (
    select
        holidays.holiday_name,
        holidays.holiday_year,
        holidays.holiday_date,
        types.primary_type,
        types.is_domestic,
        coalesce(counted.crimes, 0) as crimes,
        holidays.comparison_days,
        coalesce(counted.other_crimes, 0) as other_crimes,
        coalesce(counted.other_crimes_squared, 0) as other_crimes_squared
    from holidays
    cross join types
    left join counted
        on
            holidays.holiday_name = counted.holiday_name
            and holidays.holiday_date = counted.holiday_date
            and types.primary_type = counted.primary_type
            and types.is_domestic = counted.is_domestic
),

final as (
    select
        holiday_name,
        holiday_year,
        holiday_date,
        primary_type,
        is_domestic,
        crimes,
        comparison_days,
        case when comparison_days > 0 then other_crimes end as comparison_crimes,
        {{ exact_ratio('other_crimes', 'comparison_days') }} as comparison_mean,
        {{ sample_stddev('comparison_days', 'other_crimes', 'other_crimes_squared') }}
            as comparison_stddev,
        {{ exact_ratio('(crimes * comparison_days - other_crimes)', 'comparison_days') }}
            as difference,
        {{ exact_ratio('(crimes * comparison_days - other_crimes)', 'other_crimes', 100) }}
            as difference_pct
    from filled
)

select * from final
