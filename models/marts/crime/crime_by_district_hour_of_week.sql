with years as (
    select * from {{ ref('crime_by_district_hour_of_week_yearly') }}
),

summed as (
    select
        district_id,
        district_name,
        weekday_name,
        iso_weekday,
        hour_of_day,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(crimes_with_known_time) as bigint) as crimes_with_known_time,
        cast(sum(crimes_with_unknown_time) as bigint) as crimes_with_unknown_time,
        cast(sum(arrests) as bigint) as arrests
    from years
    group by district_id, district_name, weekday_name, iso_weekday, hour_of_day
),

final as (
    select
        district_id,
        district_name,
        iso_weekday,
        weekday_name,
        hour_of_day,
        crimes,
        crimes_with_known_time,
        crimes_with_unknown_time,
        arrests,
        {{ exact_ratio(
            'crimes_with_known_time',
            '(sum(crimes_with_known_time) over (partition by district_id))',
            100
        ) }} as share_of_known_time_pct
    from summed
)

select * from final
