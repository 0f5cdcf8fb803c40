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
        sensor_number,
        time_zone,
        load_id,
        {{ iso_weekday('traffic_date') }} * 24 + hour_of_day as slot_of_week,
        hours_covered,
        visits_reported,
        case when visits_reported >= 0 then visits_reported end as visits,
        is_affected,
        traffic_date,
        read_at,
        read_at_local
    from sensor_hours
),

compared as (
    {{ with_last_4('measured', 'sensor_number, slot_of_week') }}
),

final as (
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
        cast(hour(read_at_local) as integer) as hour_of_day,
        {{ iso_weekday('traffic_date') }} as iso_weekday,
        hours_covered,
        visits,
        cast(1 as bigint) as readings_expected,
        cast(case when visits_reported >= 0 then 1 else 0 end as bigint)
            as readings_valid,
        cast(case when visits_reported = -1 then 1 else 0 end as bigint)
            as readings_failed,
        cast(case when visits_reported is null then 1 else 0 end as bigint)
            as readings_not_received,
        cast(case when visits_reported >= 0 then 100 else 0 end as double)
            as coverage_pct,
        {{ vs_average() }},
        traffic_date,
        read_at,
        read_at_local
    from compared
)

{{ rows_of_affected('days_affected', 'final', ['store_name', 'traffic_date']) }}
