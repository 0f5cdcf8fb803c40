with district_hours as (
    select * from {{ ref('crime_by_district_hour_of_week_yearly') }}
),

district_days as (
    select * from {{ ref('crime_by_district_daily') }}
),

weeks as (
    select
        cast(extract(year from occurred_date) as integer) as year,
        {{ iso_weekday('occurred_date') }} as iso_weekday,
        cast(count(distinct occurred_date) as bigint) as weeks_in_data
    from district_days
    where is_day_in_data
    group by
        cast(extract(year from occurred_date) as integer),
        {{ iso_weekday('occurred_date') }}
),

summed as (
    select
        weekday_name,
        year,
        iso_weekday,
        hour_of_day,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(crimes_with_known_time) as bigint) as crimes_with_known_time,
        cast(sum(crimes_with_unknown_time) as bigint) as crimes_with_unknown_time,
        cast(sum(arrests) as bigint) as arrests
    from district_hours
    group by weekday_name, year, iso_weekday, hour_of_day
),

final as (
    select
        summed.year,
        summed.iso_weekday,
        summed.weekday_name,
        summed.hour_of_day,
        summed.crimes,
        summed.crimes_with_known_time,
        summed.crimes_with_unknown_time,
        summed.arrests,
        {{ exact_ratio('summed.arrests', 'summed.crimes', 100) }} as arrest_rate_pct,
        coalesce(weeks.weeks_in_data, 0) as weeks_in_data,
        {{ exact_ratio('summed.crimes', 'weeks.weeks_in_data') }} as mean_crimes_per_week,
        {{ exact_ratio(
            'summed.crimes', '(sum(summed.crimes) over (partition by summed.year))', 100
        ) }} as share_pct,
        {{ exact_ratio(
            'summed.crimes_with_known_time',
            '(sum(summed.crimes_with_known_time) over (partition by summed.year))',
            100
        ) }} as share_of_known_time_pct
    from summed
    left join weeks
        on
            summed.year = weeks.year
            and summed.iso_weekday = weeks.iso_weekday
)

select * from final
