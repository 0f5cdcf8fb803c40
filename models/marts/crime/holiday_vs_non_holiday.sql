with district_days as (
    select * from {{ ref('crime_by_district_daily') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

weekdays as (
    select
        dates.year,
        dates.iso_weekday,
        cast(count(distinct dates.date_day) as bigint) as days,
        cast(sum(district_days.crimes) as bigint) as crimes,
        cast(sum(district_days.arrests) as bigint) as arrests,
        dates.is_holiday or dates.is_observed_holiday as is_holiday
    from district_days
    inner join dates on district_days.occurred_date = dates.date_day
    where district_days.is_day_in_data
    group by dates.year, dates.iso_weekday, dates.is_holiday or dates.is_observed_holiday
),

-- What the same number of ordinary days of that weekday and year would have had.
expected as (
    select
        weekdays.*,
        cast(
            {{ exact_ratio('(weekdays.days * ordinary.crimes)', 'ordinary.days') }}
            as decimal(18, 4)
        ) as crimes_expected
    from weekdays
    left join weekdays as ordinary
        on
            weekdays.year = ordinary.year
            and weekdays.iso_weekday = ordinary.iso_weekday
            and not ordinary.is_holiday
),

-- In ten-thousandths of a crime, so that the ratios are computed from integers.
years as (
    select
        year,
        cast(sum(days) as bigint) as days,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests,
        case
            when count(*) = count(crimes_expected)
                then cast(10000 * sum(crimes_expected) as bigint)
        end as crimes_expected_e4,
        is_holiday
    from expected
    group by year, is_holiday
),

final as (
    select
        year,
        is_holiday,
        days,
        crimes,
        arrests,
        {{ exact_ratio('arrests', 'crimes', 100) }} as arrest_rate_pct,
        {{ exact_ratio('crimes', 'days') }} as mean_crimes_per_day,
        {{ exact_ratio('crimes_expected_e4', '(10000 * days)') }}
            as mean_crimes_same_weekdays,
        {{ exact_ratio('(10000 * crimes - crimes_expected_e4)', 'crimes_expected_e4', 100) }}
            as difference_pct
    from years
)

select * from final
