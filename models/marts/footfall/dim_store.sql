with stores as (
    select * from {{ ref('int_footfall__stores') }}
),

sensors as (
    select * from {{ ref('int_footfall__sensors') }}
),

days as (
    select * from {{ ref('store_traffic_daily') }}
),

counted as (
    select
        store_name,
        cast(count(*) as bigint) as sensor_count
    from sensors
    group by store_name
),

spans as (
    select
        store_name,
        min(traffic_date) as first_date,
        max(traffic_date) as last_date
    from days
    group by store_name
),

final as (
    select
        stores.store_name,
        stores.city,
        stores.country_code,
        stores.region_code,
        stores.time_zone,
        stores.opened_on,
        spans.first_date,
        spans.last_date,
        coalesce(counted.sensor_count, 0) as sensor_count
    from stores
    left join counted on stores.store_name = counted.store_name
    left join spans on stores.store_name = spans.store_name
)

select * from final
