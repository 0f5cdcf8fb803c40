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
        max(time_zone) as time_zone,
        cast(hour(read_at_local) as integer) as hour_of_day,
        {{ iso_weekday('read_at_local') }} as iso_weekday,
        max(hours_covered) as hours_covered,
        bool_or(is_opening_hour) as is_opening_hour,
        bool_or(is_closed) as is_closed,
        {{ readings_counted() }},
        {{ estimates_counted() }},
        bool_or(is_affected) as is_affected,
        cast(read_at_local as date) as traffic_date,
        max(read_at) as read_at,
        read_at_local
    from sensor_hours
    group by store_name, read_at_local
),

with_estimate as (
    select
        *,
        {{ completed_tenths() }} as completed_tenths,
        case
            when coalesce(estimated_tenths, 0) = 0 then 0
            when is_error_known then cast(ceil(sqrt(half_width_2)) as bigint)
        end as half_width
    from measured
),

with_usual as (
    select
        *,
        case when is_closed then null else completed_tenths end as usual_tenths
    from with_estimate
),

compared as (
    {{ with_last_4('with_usual', 'store_name, hour_of_day, iso_weekday') }}
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
        is_opening_hour,
        visits,
        {{ visits_estimated() }},
        readings_expected,
        readings_valid,
        readings_failed,
        readings_not_received,
        readings_estimated,
        {{ exact_ratio('readings_valid', 'readings_expected', 100) }} as coverage_pct,
        {{ vs_average() }}
    from compared
)

{{ rows_of_affected('days_affected', 'final', ['store_name', 'traffic_date']) }}
