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
        sensor_id,
        time_zone,
        case
            when visits_reported is null then 'not_received'
            when visits_reported = -1 then 'failed'
            else 'valid'
        end as reading_status,
        load_id,
        hour_of_day,
        {{ iso_weekday('traffic_date') }} as iso_weekday,
        hours_covered,
        case when visits_reported >= 0 then visits_reported end as visits,
        traffic_date,
        read_at,
        read_at_local
    from sensor_hours
),

compared as (
    select
        *,
        sum(visits) over (
            {{ usual_visits_window('store_name, sensor_id, hour_of_day') }}
        ) as visits_last_4,
        count(visits) over (
            {{ usual_visits_window('store_name, sensor_id, hour_of_day') }}
        ) as slots_last_4
    from measured
),

final as (
    select
        compared.store_name,
        compared.sensor_id,
        compared.time_zone,
        compared.reading_status,
        compared.load_id,
        compared.hour_of_day,
        compared.iso_weekday,
        compared.hours_covered,
        compared.visits,
        cast(1 as bigint) as readings_expected,
        cast(case when compared.reading_status = 'valid' then 1 else 0 end as bigint)
            as readings_valid,
        cast(case when compared.reading_status = 'failed' then 1 else 0 end as bigint)
            as readings_failed,
        cast(case when compared.reading_status = 'not_received' then 1 else 0 end as bigint)
            as readings_not_received,
        cast(case when compared.reading_status = 'valid' then 100 else 0 end as double)
            as coverage_pct,
        {{ avg_visits_last_4() }} as avg_visits_last_4,
        {{ pct_diff() }} as pct_diff,
        compared.traffic_date,
        compared.read_at,
        compared.read_at_local
    from compared
    inner join days_touched
        on
            compared.store_name = days_touched.store_name
            and compared.traffic_date = days_touched.traffic_date
)

select * from final
