{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key=['store_name', 'traffic_date'],
        on_schema_change='fail',
        meta={'touched_in': 'int_footfall__days_touched'}
    )
}}

with sensor_hours as (
    select * from {{ ref('int_footfall__sensor_hours') }}
),

days_touched as (
    select * from {{ ref('int_footfall__days_touched') }}
),

measured as (
    select
        store_name,
        time_zone,
        {{ iso_weekday('traffic_date') }} as iso_weekday,
        hours_in_day,
        cast(
            sum(case when visits_reported >= 0 then visits_reported end) as bigint
        ) as visits,
        cast(count(*) as bigint) as readings_expected,
        cast(count(case when visits_reported >= 0 then 1 end) as bigint) as readings_valid,
        cast(count(case when visits_reported = -1 then 1 end) as bigint) as readings_failed,
        cast(count(case when visits_reported is null then 1 end) as bigint) as readings_not_received,
        is_complete_day,
        traffic_date
    from sensor_hours
    group by
        store_name,
        time_zone,
        hours_in_day,
        is_complete_day,
        traffic_date
),

compared as (
    select
        *,
        sum(visits) over (
            {{ usual_visits_window('store_name') }}
        ) as visits_last_4,
        count(visits) over (
            {{ usual_visits_window('store_name') }}
        ) as slots_last_4
    from measured
),

final as (
    select
        compared.store_name,
        compared.time_zone,
        compared.iso_weekday,
        compared.hours_in_day,
        compared.visits,
        compared.readings_expected,
        compared.readings_valid,
        compared.readings_failed,
        compared.readings_not_received,
        {{ exact_ratio('compared.readings_valid', 'compared.readings_expected', 100) }} as coverage_pct,
        {{ avg_visits_last_4() }} as avg_visits_last_4,
        {{ pct_diff() }} as pct_diff,
        compared.is_complete_day,
        compared.traffic_date
    from compared
    inner join days_touched
        on
            compared.store_name = days_touched.store_name
            and compared.traffic_date = days_touched.traffic_date
)

select * from final
