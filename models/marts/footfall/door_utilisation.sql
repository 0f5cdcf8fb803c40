with days as (
    select * from {{ ref('sensor_traffic_daily') }}
),

monthly as (
    select
        store_name,
        sensor_id,
        cast({{ dbt.date_trunc('month', 'traffic_date') }} as date) as month_start,
        cast(sum(visits) as bigint) as visits,
        cast(sum(readings_expected) as bigint) as readings_expected,
        cast(sum(readings_valid) as bigint) as readings_valid
    from days
    group by store_name, sensor_id, cast({{ dbt.date_trunc('month', 'traffic_date') }} as date)
),

stores as (
    select
        store_name,
        month_start,
        cast(sum(visits) as bigint) as store_visits,
        cast(count(*) as bigint) as sensor_count
    from monthly
    group by store_name, month_start
),

final as (
    select
        monthly.store_name,
        monthly.sensor_id,
        monthly.month_start,
        monthly.visits,
        stores.store_visits,
        stores.sensor_count,
        {{ exact_ratio('monthly.visits', 'stores.store_visits', 100) }} as share_pct,
        {{ exact_ratio('1', 'stores.sensor_count', 100) }} as even_share_pct,
        case
            when monthly.visits is not null
                then cast(rank() over (
                    partition by monthly.store_name, monthly.month_start
                    order by monthly.visits desc nulls last
                ) as integer)
        end as rank_by_visits,
        {{ exact_ratio('monthly.readings_valid', 'monthly.readings_expected', 100) }}
            as coverage_pct
    from monthly
    inner join stores
        on
            monthly.store_name = stores.store_name
            and monthly.month_start = stores.month_start
)

select * from final
