{{ config(materialized='incremental', unique_key=['store_name', 'traffic_date']) }}

with days_affected as ( -- noqa: ST03
    select * from {{ ref('int_footfall__days_affected') }}
),

sensor_hours as (
    select * from {{ ref('int_footfall__hours_completed') }}
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
        rows_received,
        {{ visits_counted() }} as visits,
        {{ hours_where('{} >= 0') }} as readings_valid,
        {{ hours_where('{} = -1') }} as readings_failed,
        is_opening_hour,
        is_closed,
        estimated_tenths,
        case when estimated_tenths is null then 0 else half_width_tenths end as half_width,
        is_affected,
        traffic_date,
        read_at,
        read_at_local
    from sensor_hours
),

with_estimate as (
    select
        *,
        {{ completed_tenths() }} as completed_tenths
    from measured
),

with_usual as (
    select
        *,
        case when is_closed then null else completed_tenths end as usual_tenths
    from with_estimate
),

compared as (
    {{ with_last_4('with_usual', 'sensor_number, slot_of_week') }}
),

final as (
    select
        store_name,
        sensor_id,
        read_at_local,
        traffic_date,
        cast(hour(read_at_local) as integer) as hour_of_day,
        {{ iso_weekday('traffic_date') }} as iso_weekday,
        time_zone,
        read_at,
        hours_covered,
        case
            when readings_valid > 0 then 'valid'
            when readings_failed > 0 then 'failed'
            else 'not_received'
        end as reading_status,
        is_opening_hour,
        visits,
        {{ visits_estimated() }},
        cast(hours_covered as bigint) as readings_expected,
        cast(readings_valid as bigint) as readings_valid,
        cast(readings_failed as bigint) as readings_failed,
        cast(hours_covered - readings_valid - readings_failed as bigint) as readings_not_received,
        cast(case readings_valid when 0 then 0 when hours_covered then 100 else 50 end as double)
            as coverage_pct,
        {{ vs_average() }},
        rows_received,
        load_id
    from compared
)

{{ rows_of_affected('days_affected', 'final', ['store_name', 'traffic_date']) }}
