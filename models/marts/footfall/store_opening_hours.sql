with days as (
    select * from {{ ref('store_traffic_daily') }}
),

-- The last day of each weekday that was loaded to its end has the hours that are valid now.
ranked as (
    select
        *,
        row_number() over (
            partition by store_name, iso_weekday
            order by case when is_complete_day then 0 else 1 end asc, traffic_date desc
        ) as day_rank
    from days
),

final as (
    select
        store_name,
        iso_weekday,
        max(case when day_rank = 1 then opens_at_hour end) as opens_at_hour,
        max(case when day_rank = 1 then closes_at_hour end) as closes_at_hour,
        max(case when day_rank = 1 then opening_hours_source end) as opening_hours_source,
        max(case when day_rank = 1 then traffic_date end) as hours_of_date,
        cast(count(*) as bigint) as days_loaded,
        cast(sum(case when is_closed then 1 else 0 end) as bigint) as days_closed,
        cast(sum(visits) as bigint) as visits,
        cast(sum(visits_outside_opening_hours) as bigint) as visits_outside_opening_hours,
        {{ exact_ratio(
            'sum(visits_outside_opening_hours)', 'sum(visits)', 100
        ) }} as outside_opening_hours_pct
    from ranked
    group by store_name, iso_weekday
)

select * from final
