with days as (
    select * from {{ ref('sensor_traffic_daily') }}
),

monthly as (
    select
        store_name,
        sensor_id,
        cast({{ dbt.date_trunc('month', 'traffic_date') }} as date) as month_start,
        cast(sum(readings_expected) as bigint) as readings_expected,
        cast(sum(readings_valid) as bigint) as readings_valid,
        cast(sum(readings_failed) as bigint) as readings_failed,
        cast(sum(readings_not_received) as bigint) as readings_not_received,
        cast(count(case when readings_failed > 0 then traffic_date end) as bigint)
            as days_with_failures,
        count(case when is_complete_day then traffic_date end) as days_complete
    from days
    group by store_name, sensor_id, cast({{ dbt.date_trunc('month', 'traffic_date') }} as date)
),

rated as (
    select
        *,
        {{ exact_ratio('readings_failed', '(readings_valid + readings_failed)', 100) }}
            as failure_rate_pct,
        {{ exact_ratio('readings_not_received', 'readings_expected', 100) }} as not_received_pct,
        days_complete = extract(day from last_day(month_start)) as is_complete_month
    from monthly
),

-- The rows of a sensor have no gap: the row before is that of the month before.
final as (
    select
        store_name,
        sensor_id,
        month_start,
        readings_expected,
        readings_valid,
        readings_failed,
        readings_not_received,
        days_with_failures,
        failure_rate_pct,
        not_received_pct,
        lag(failure_rate_pct) over (
            partition by store_name, sensor_id
            order by month_start
        ) as failure_rate_previous_month_pct,
        round(failure_rate_pct - lag(failure_rate_pct) over (
            partition by store_name, sensor_id
            order by month_start
        ), 4) as change_on_month_points,
        is_complete_month
    from rated
)

select * from final
