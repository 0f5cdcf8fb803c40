with district_days as (
    select * from {{ ref('crime_by_district_daily') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

holidays as (
    select * from {{ ref('dim_holiday') }}
    where is_illinois
),

city_days as (
    select
        dates.iso_weekday,
        dates.weekday_name,
        cast(sum(district_days.crimes) as bigint) as crimes,
        cast(sum(district_days.arrests) as bigint) as arrests,
        dates.is_holiday or dates.is_observed_holiday as is_free_day,
        district_days.occurred_date
    from district_days
    inner join dates on district_days.occurred_date = dates.date_day
    where district_days.is_day_in_data
    group by
        district_days.occurred_date,
        dates.iso_weekday,
        dates.weekday_name,
        dates.is_holiday or dates.is_observed_holiday
),

compared as (
    select
        holidays.holiday_name,
        day.weekday_name,
        day.crimes,
        day.arrests,
        holidays.holiday_date,
        cast(count(other.occurred_date) as bigint) as comparison_days,
        cast(sum(other.crimes) as bigint) as other_crimes,
        cast(sum(other.crimes * other.crimes) as bigint) as other_crimes_squared,
        cast(sum(other.arrests) as bigint) as other_arrests,
        min(other.crimes) as comparison_min,
        max(other.crimes) as comparison_max
    from holidays
    inner join city_days as day on holidays.holiday_date = day.occurred_date
    left join city_days as other
        on
            day.iso_weekday = other.iso_weekday
            and not other.is_free_day
            and day.occurred_date != other.occurred_date
            and day.occurred_date <= {{ dbt.dateadd('day', 28, 'other.occurred_date') }}
            and day.occurred_date >= {{ dbt.dateadd('day', -28, 'other.occurred_date') }}
    group by
        holidays.holiday_name, holidays.holiday_date, day.weekday_name, day.crimes, day.arrests
),

final as (
    select
        holiday_name,
        cast(extract(year from holiday_date) as integer) as holiday_year,
        holiday_date,
        weekday_name,
        crimes,
        comparison_days,
        {{ exact_ratio('other_crimes', 'comparison_days') }} as comparison_mean,
        comparison_min,
        comparison_max,
        {{ sample_stddev('comparison_days', 'other_crimes', 'other_crimes_squared') }}
            as comparison_stddev,
        {{ exact_ratio('(crimes * comparison_days - other_crimes)', 'comparison_days') }}
            as difference,
        {{ exact_ratio('(crimes * comparison_days - other_crimes)', 'other_crimes', 100) }}
            as difference_pct,
        arrests,
        {{ exact_ratio('other_arrests', 'comparison_days') }} as comparison_mean_arrests,
        {{ exact_ratio('(arrests * comparison_days - other_arrests)', 'comparison_days') }}
            as difference_arrests
    from compared
)

select * from final
