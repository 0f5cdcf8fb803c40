with days as (
    select * from {{ ref('sensor_traffic_daily') }}
),

monthly as (
    select
        store_name,
        sensor_id,
        cast({{ dbt.date_trunc('month', 'traffic_date') }} as date) as month_start,
        cast(sum(visits) as bigint) as visits,
        {{ days_estimated() }},
        cast(sum(readings_expected) as bigint) as readings_expected,
        cast(sum(readings_valid) as bigint) as readings_valid,
        cast(sum(open_readings_expected) as bigint) as open_readings_expected,
        cast(sum(open_readings_valid) as bigint) as open_readings_valid
    from days
    group by store_name, sensor_id, cast({{ dbt.date_trunc('month', 'traffic_date') }} as date)
),

stores as (
    select
        store_name,
        month_start,
        cast(sum(visits) as bigint) as store_visits,
        cast(sum(completed_tenths) as bigint) as completed_tenths,
        cast(count(*) as bigint) as sensor_count
    from monthly
    group by store_name, month_start
),

estimated as (
    select
        *,
        {{ period_estimated() }}
    from monthly
),

final as (
    select
        monthly.store_name,
        monthly.sensor_id,
        monthly.month_start,
        monthly.visits,
        monthly.visits_estimated,
        monthly.visits_estimated_low,
        monthly.visits_estimated_high,
        stores.store_visits,
        {{ from_tenths('stores.completed_tenths') }} as store_visits_estimated,
        stores.sensor_count,
        {{ exact_ratio('monthly.completed_tenths', 'stores.completed_tenths', 100) }} as share_pct,
        {{ exact_ratio('1', 'stores.sensor_count', 100) }} as even_share_pct,
        case
            when monthly.completed_tenths is not null
                then cast(rank() over (
                    partition by monthly.store_name, monthly.month_start
                    order by monthly.completed_tenths desc nulls last
                ) as integer)
        end as rank_by_visits,
        {{ exact_ratio('monthly.readings_valid', 'monthly.readings_expected', 100) }}
            as coverage_pct,
        {{ exact_ratio('monthly.open_readings_valid', 'monthly.open_readings_expected', 100) }}
            as coverage_open_pct
    from estimated as monthly
    inner join stores
        on
            monthly.store_name = stores.store_name
            and monthly.month_start = stores.month_start
)

select * from final
