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
        sensor_id,
        max(time_zone) as time_zone,
        {{ iso_weekday('traffic_date') }} as iso_weekday,
        max(hours_in_day) as hours_in_day,
        {{ readings_counted() }},
        bool_or(is_affected) as is_affected,
        bool_and(is_complete_day) as is_complete_day,
        traffic_date
    from sensor_hours
    group by store_name, sensor_id, traffic_date
),

compared as (
    {{ with_last_4('measured', 'store_name, sensor_id, iso_weekday') }}
),

final as (
    select
        store_name,
        sensor_id,
        time_zone,
        iso_weekday,
        hours_in_day,
        visits,
        readings_expected,
        readings_valid,
        readings_failed,
        readings_not_received,
        {{ exact_ratio('readings_valid', 'readings_expected', 100) }} as coverage_pct,
        {{ vs_average() }},
        is_complete_day,
        traffic_date
    from compared
)

{{ rows_of_affected('days_affected', 'final', ['store_name', 'traffic_date']) }}
