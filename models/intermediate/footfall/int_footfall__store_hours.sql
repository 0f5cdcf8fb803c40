{{ config(materialized='table') }}

{% set settings = estimate_settings() -%}
{% set of_day = '(partition by store_name, traffic_date)' -%}
{% set by_hour = 'over (partition by store_name, traffic_date order by hour_of_day asc)' -%}
{% set is_busy = 'busiest_mean > 0 and usual_mean >= busiest_mean * ' ~ settings['open_share'] -%}
{% set is_learned = 'declared.store_name is null' -%}
{% set columns = [
    'store_name', 'time_zone', 'hour_of_day', 'iso_weekday', 'week_number', 'hours_in_day',
    'hours_covered', 'visits', 'readings_expected', 'readings_valid', 'readings_failed',
    'readings_not_received', 'is_affected', 'is_complete_day', 'traffic_date', 'read_at',
    'read_at_local'
] | join(',\n        ') -%}
with sensor_hours as (
    select * from {{ ref('int_footfall__sensor_hours') }}
),

declared as (
    select * from {{ ref('int_footfall__opening_hours_declared') }}
),

counted as (
    select
        store_name,
        max(time_zone) as time_zone,
        max(hour_of_day) as hour_of_day,
        {{ iso_weekday('read_at_local') }} as iso_weekday,
        {{ week_number('cast(read_at_local as date)') }} as week_number,
        max(hours_in_day) as hours_in_day,
        max(hours_covered) as hours_covered,
        {{ readings_counted() }},
        bool_or(is_affected) as is_affected,
        bool_and(is_complete_day) as is_complete_day,
        cast(read_at_local as date) as traffic_date,
        max(read_at) as read_at,
        read_at_local
    from sensor_hours
    group by store_name, read_at_local
),

with_usual as (
    select
        *,
        cast(sum(visits) over (
            {{ like_weeks('store_name, iso_weekday, hour_of_day') }}
        ) as double) / nullif(sum(readings_valid) over (
            {{ like_weeks('store_name, iso_weekday, hour_of_day') }}
        ), 0) as usual_mean
    from counted
),

-- Of an hour that is never known, the mean of the hours beside it.
with_beside as (
    select
        *,
        (
            coalesce(lag(usual_mean) {{ by_hour }}, lead(usual_mean) {{ by_hour }})
            + coalesce(lead(usual_mean) {{ by_hour }}, lag(usual_mean) {{ by_hour }})
        ) / 2 as mean_beside,
        max(usual_mean) over {{ of_day }} as busiest_mean
    from with_usual
),

-- From the first to the last hour with a part of the visits of the busiest hour.
learned as (
    select
        *,
        min(case when {{ is_busy }} then hour_of_day end) over {{ of_day }} as first_hour,
        max(case when {{ is_busy }} then hour_of_day end) over {{ of_day }} as last_hour
    from with_beside
),

with_hours as (
    select
        learned.*,
        coalesce(declared.opening_hours_source, 'learned') as opening_hours_source,
        case when {{ is_learned }} then learned.first_hour else declared.opens_at_hour end
            as opens_at_hour,
        case when {{ is_learned }} then learned.last_hour + 1 else declared.closes_at_hour end
            as closes_at_hour
    from learned
    left join declared
        on
            learned.store_name = declared.store_name
            and learned.iso_weekday = declared.iso_weekday
),

final as (
    select
        {{ columns }},
        cast(floor(60 * coalesce(usual_mean, mean_beside) + 0.5) as bigint) as usual_sixtieths,
        opening_hours_source,
        opens_at_hour,
        closes_at_hour,
        coalesce(hour_of_day >= opens_at_hour and hour_of_day < closes_at_hour, false)
            as is_opening_hour
    from with_hours
)

select * from final
