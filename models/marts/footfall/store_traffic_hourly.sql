{{ config(materialized='incremental', unique_key=['store_name', 'traffic_date']) }}

with days_affected as ( -- noqa: ST03
    select * from {{ ref('int_footfall__days_affected') }}
),

sensor_hours as (
    select * from {{ ref('int_footfall__sensor_hours') }}
),

measured as (
    select
        store_name,
        max(time_zone) as time_zone,
        cast(hour(read_at_local) as integer) as hour_of_day,
        {{ iso_weekday('read_at_local') }} as iso_weekday,
        max(hours_covered) as hours_covered,
        {{ readings_counted() }},
        bool_or(is_affected) as is_affected,
        cast(read_at_local as date) as traffic_date,
        max(read_at) as read_at,
        read_at_local
    from sensor_hours
    group by store_name, read_at_local
),

compared as (
    {{ with_last_4('measured', 'store_name, hour_of_day, iso_weekday') }}
),

final as (
    select
        store_name,
        read_at_local,
        traffic_date,
        hour_of_day,
        iso_weekday,
        time_zone,
        read_at,
        hours_covered,
        visits,
        readings_expected,
        readings_valid,
        readings_failed,
        readings_not_received,
        {{ exact_ratio('readings_valid', 'readings_expected', 100) }} as coverage_pct,
        {{ vs_average() }}
    from compared
)

{{ rows_of_affected('days_affected', 'final', ['store_name', 'traffic_date']) }}
