{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key=['store_name', 'traffic_date'],
        on_schema_change='fail',
        meta={'touched_in': 'int_footfall__days_touched'}
    )
}}

-- Days touched: depends_on: {{ ref('int_footfall__days_touched') }}
with sensor_hours as (
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
        bool_or(is_touched) as is_touched,
        cast(read_at_local as date) as traffic_date,
        max(read_at) as read_at,
        read_at_local
    from sensor_hours
    group by store_name, read_at_local
),

beside as (
    select
        *,
        {{ slots_before('store_name, hour_of_day, iso_weekday') }}
    from measured
),

compared as (
    select
        *,
        {{ last_4() }}
    from beside
    where is_touched
),

final as (
    select
        store_name,
        time_zone,
        hour_of_day,
        iso_weekday,
        hours_covered,
        visits,
        readings_expected,
        readings_valid,
        readings_failed,
        readings_not_received,
        {{ exact_ratio('readings_valid', 'readings_expected', 100) }} as coverage_pct,
        {{ against_usual() }},
        traffic_date,
        read_at,
        read_at_local
    from compared
)

select * from final
