with crimes as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'hour'
),

district_days as (
    select * from {{ ref('crime_by_district_daily') }}
),

hours_of_week as (
    {{ hours_of_week() }}
),

weeks as (
    select
        {{ iso_weekday('occurred_date') }} as iso_weekday,
        cast(count(distinct occurred_date) as bigint) as weeks_in_data
    from district_days
    where is_day_in_data
    group by {{ iso_weekday('occurred_date') }}
),

counted as (
    select
        iso_weekday,
        hour_of_day,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(crimes_with_known_time) as bigint) as crimes_with_known_time,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by
        iso_weekday,
        hour_of_day
),

filled as (
    select
        hours_of_week.weekday_name,
        hours_of_week.iso_weekday,
        hours_of_week.hour_of_day,
        coalesce(counted.crimes, 0) as crimes,
        coalesce(counted.crimes_with_known_time, 0) as crimes_with_known_time,
        coalesce(counted.crimes - counted.crimes_with_known_time, 0) as crimes_with_unknown_time,
        coalesce(counted.arrests, 0) as arrests,
        coalesce(weeks.weeks_in_data, 0) as weeks_in_data
    from hours_of_week
    left join weeks on hours_of_week.iso_weekday = weeks.iso_weekday
    left join counted
        on
            hours_of_week.iso_weekday = counted.iso_weekday
            and hours_of_week.hour_of_day = counted.hour_of_day
),

final as (
    select
        weekday_name,
        iso_weekday,
        hour_of_day,
        crimes,
        crimes_with_known_time,
        crimes_with_unknown_time,
        arrests,
        {{ exact_ratio('arrests', 'crimes', 100) }} as arrest_rate_pct,
        weeks_in_data,
        {{ exact_ratio('crimes', 'weeks_in_data') }} as mean_crimes_per_week,
        {{ exact_ratio('crimes', '(sum(crimes) over ())', 100) }} as share_pct,
        {{ exact_ratio(
            'crimes_with_known_time', '(sum(crimes_with_known_time) over ())', 100
        ) }} as share_of_known_time_pct
    from filled
)

select * from final
