{{ config(materialized='incremental', unique_key=['store_name', 'traffic_date']) }}

with days_affected as ( -- noqa: ST03
    select * from {{ ref('int_footfall__days_affected') }}
),

store_hours as (
    select * from {{ ref('int_footfall__store_hours_completed') }}
),

with_estimate as (
    select
        *,
        {{ completed_tenths() }} as completed_tenths,
        case
            when coalesce(estimated_tenths, 0) = 0 then 0
            when is_error_known then cast(ceil(sqrt(half_width_2)) as bigint)
        end as half_width
    from store_hours
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
