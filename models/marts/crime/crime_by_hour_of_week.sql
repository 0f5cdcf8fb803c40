{% set weekday_names = [
    'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'
] %}

with crimes as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'hour'
),

district_days as (
    select * from {{ ref('crime_by_district_daily') }}
),

weekdays as (
    {% for name in weekday_names %}
    select
        '{{ name }}' as weekday_name,
        {{ loop.index }} as iso_weekday
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

hours as (
    {% for hour in range(24) %}
    select {{ hour }} as hour_of_day
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
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
        weekdays.weekday_name,
        weekdays.iso_weekday,
        hours.hour_of_day,
        coalesce(counted.crimes, 0) as crimes,
        coalesce(counted.crimes_with_known_time, 0) as crimes_with_known_time,
        coalesce(counted.arrests, 0) as arrests,
        coalesce(weeks.weeks_in_data, 0) as weeks_in_data
    from weekdays
    cross join hours
    left join weeks on weekdays.iso_weekday = weeks.iso_weekday
    left join counted
        on
            weekdays.iso_weekday = counted.iso_weekday
            and hours.hour_of_day = counted.hour_of_day
),

final as (
    select
        weekday_name,
        iso_weekday,
        hour_of_day,
        crimes,
        crimes_with_known_time,
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
