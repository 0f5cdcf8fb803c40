with crimes as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'hour'
),

districts as (
    select * from {{ ref('dim_police_district') }}
),

hours_of_week as (
    {{ hours_of_week() }}
),

counted as (
    select
        district_id,
        cast(extract(year from month_start) as integer) as year,
        iso_weekday,
        hour_of_day,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(crimes_with_known_time) as bigint) as crimes_with_known_time,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by
        district_id,
        cast(extract(year from month_start) as integer),
        iso_weekday,
        hour_of_day
),

known as (
    select distinct
        district_id,
        year
    from counted
),

filled as (
    select
        known.district_id,
        districts.district_name,
        hours_of_week.weekday_name,
        known.year,
        hours_of_week.iso_weekday,
        hours_of_week.hour_of_day,
        coalesce(counted.crimes, 0) as crimes,
        coalesce(counted.crimes_with_known_time, 0) as crimes_with_known_time,
        coalesce(counted.crimes - counted.crimes_with_known_time, 0) as crimes_with_unknown_time,
        coalesce(counted.arrests, 0) as arrests
    from known
    inner join districts on known.district_id = districts.district_id
    cross join hours_of_week
    left join counted
        on
            known.district_id = counted.district_id
            and known.year = counted.year
            and hours_of_week.iso_weekday = counted.iso_weekday
            and hours_of_week.hour_of_day = counted.hour_of_day
),

final as (
    select
        district_id,
        district_name,
        year,
        iso_weekday,
        weekday_name,
        hour_of_day,
        crimes,
        crimes_with_known_time,
        crimes_with_unknown_time,
        arrests,
        {{ exact_ratio(
            'crimes_with_known_time',
            '(sum(crimes_with_known_time) over (partition by district_id, year))',
            100
        ) }} as share_of_known_time_pct
    from filled
)

select * from final
