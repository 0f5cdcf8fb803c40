{% set limit_pct = var('footfall_replacement_failure_pct', 10) %}
{% set is_recent = 'hours.read_at_local > ' ~ plus_hours('last_hours.last_hour_local', -28 * 24) %}

with hours as (
    select * from {{ ref('sensor_traffic_hourly') }}
),

sensors as (
    select * from {{ ref('dim_sensor') }}
    where first_date is not null
),

stores as (
    select * from {{ ref('dim_store') }}
),

-- A second reference to the CTE would make engines copy it.
last_hours as (
    select
        store_name,
        max(read_at_local) as last_hour_local
    from {{ ref('sensor_traffic_hourly') }}
    group by store_name
),

counted as (
    select
        hours.store_name,
        hours.sensor_id,
        last_hours.last_hour_local,
        {{ recent_counted(is_recent) }},
        cast(count(distinct case
            when {{ is_recent }} and hours.reading_status != 'not_received' then hours.traffic_date
        end) as bigint) as days_measured,
        max(case when hours.reading_status = 'valid' then hours.read_at end) as last_valid_at
    from hours
    inner join last_hours on hours.store_name = last_hours.store_name
    group by hours.store_name, hours.sensor_id, last_hours.last_hour_local
),

-- A sensor with readings from its store's first day on is as old as the store.
aged as (
    select
        counted.*,
        case
            when sensors.first_date = stores.first_date and stores.opened_on <= sensors.first_date
                then stores.opened_on
            else sensors.first_date
        end as in_use_since,
        {{ exact_ratio(
            'counted.readings_failed', '(counted.readings_valid + counted.readings_failed)', 100
        ) }} as failure_rate_pct
    from counted
    inner join sensors
        on counted.store_name = sensors.store_name and counted.sensor_id = sensors.sensor_id
    inner join stores on counted.store_name = stores.store_name
),

flagged as (
    select
        *,
        coalesce(failure_rate_pct > {{ limit_pct }}, false) and days_measured >= 7
            as needs_replacement
    from aged
),

final as (
    select
        store_name,
        sensor_id,
        last_hour_local,
        needs_replacement,
        case
            when needs_replacement
                then
                    cast(readings_failed as string) || ' of '
                    || cast(readings_valid + readings_failed as string)
                    || ' readings failed in 28 days; the limit is {{ limit_pct }} %'
        end as replacement_reason,
        failure_rate_pct,
        readings_expected,
        readings_valid,
        readings_failed,
        readings_expected - readings_valid - readings_failed as readings_not_received,
        days_measured,
        {{ exact_ratio('open_readings_valid', 'open_readings_expected', 100) }}
            as coverage_open_pct,
        {{ from_tenths('lost_tenths') }} as visits_not_counted,
        {{ days_between('in_use_since', 'last_hour_local') }} as age_days,
        in_use_since,
        last_valid_at
    from flagged
)

select * from final
