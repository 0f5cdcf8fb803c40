{% set weekday_names = [
    'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'
] %}

with crimes as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'hour'
),

districts as (
    select * from {{ ref('dim_police_district') }}
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

counted as (
    select
        district_id,
        iso_weekday,
        hour_of_day,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(crimes_with_known_time) as bigint) as crimes_with_known_time,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by
        district_id,
        iso_weekday,
        hour_of_day
),

known as (
    select distinct district_id from counted
),

filled as (
    select
        known.district_id,
        districts.district_name,
        weekdays.weekday_name,
        weekdays.iso_weekday,
        hours.hour_of_day,
        coalesce(counted.crimes, 0) as crimes,
        coalesce(counted.crimes_with_known_time, 0) as crimes_with_known_time,
        coalesce(counted.arrests, 0) as arrests
    from known
    inner join districts on known.district_id = districts.district_id
    cross join weekdays
    cross join hours
    left join counted
        on
            known.district_id = counted.district_id
            and weekdays.iso_weekday = counted.iso_weekday
            and hours.hour_of_day = counted.hour_of_day
),

final as (
    select
        district_id,
        district_name,
        weekday_name,
        iso_weekday,
        hour_of_day,
        crimes,
        crimes_with_known_time,
        arrests,
        {{ exact_ratio(
            'crimes_with_known_time',
            '(sum(crimes_with_known_time) over (partition by district_id))',
            100
        ) }} as share_of_known_time_pct
    from filled
)

select * from final
