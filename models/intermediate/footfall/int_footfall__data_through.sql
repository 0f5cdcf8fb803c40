with days as (
    select * from {{ ref('store_traffic_daily') }}
),

final as (
    select
        store_name as part,
        max(time_zone) as time_zone,
        max(case when is_complete_day then traffic_date end) as data_through_date,
        max(traffic_date) as newest_date
    from days
    group by store_name
)

select * from final
