with years as (
    select * from {{ ref('crime_by_hour_of_week_yearly') }}
),

hours_of_week as (
    {{ hours_of_week() }}
),

summed as (
    select
        iso_weekday,
        hour_of_day,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(crimes_with_known_time) as bigint) as crimes_with_known_time,
        cast(sum(crimes_with_unknown_time) as bigint) as crimes_with_unknown_time,
        cast(sum(arrests) as bigint) as arrests,
        cast(sum(weeks_in_data) as bigint) as weeks_in_data
    from years
    group by iso_weekday, hour_of_day
),

-- Every hour of the week is there without any crime too.
filled as (
    select
        hours_of_week.weekday_name,
        hours_of_week.iso_weekday,
        hours_of_week.hour_of_day,
        coalesce(summed.crimes, 0) as crimes,
        coalesce(summed.crimes_with_known_time, 0) as crimes_with_known_time,
        coalesce(summed.crimes_with_unknown_time, 0) as crimes_with_unknown_time,
        coalesce(summed.arrests, 0) as arrests,
        coalesce(summed.weeks_in_data, 0) as weeks_in_data
    from hours_of_week
    left join summed
        on
            hours_of_week.iso_weekday = summed.iso_weekday
            and hours_of_week.hour_of_day = summed.hour_of_day
),

final as (
    select
        iso_weekday,
        weekday_name,
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
