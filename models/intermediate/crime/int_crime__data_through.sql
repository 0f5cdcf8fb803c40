with district_days as (
    select * from {{ ref('crime_by_district_daily') }}
),

days as (
    select
        occurred_date,
        cast(sum(crimes) as bigint) as crimes
    from district_days
    where is_day_in_data
    group by occurred_date
),

with_days_before as (
    select
        occurred_date,
        crimes,
        sum(crimes) over days_before as crimes_before,
        count(*) over days_before as number_before
    from days
    window
        days_before as (order by occurred_date rows between 28 preceding and 1 preceding)
),

final as (
    select
        'crimes' as part,
        'America/Chicago' as time_zone,
        max(case
            when coalesce(2 * crimes * number_before >= crimes_before, true) then occurred_date
        end) as data_through_date,
        max(occurred_date) as newest_date
    from with_days_before
    having count(*) > 0
)

select * from final
