{{ config(materialized='table') }}

{% set left = relation_left('footfall.sensor_traffic_hourly') %}
-- Read only where a build is incremental: depends_on: {{ ref('int_footfall__days_received') }}
with sensor_days as (
    select * from {{ ref('int_footfall__sensor_days') }}
),

days_read as (
    select * from {{ ref('int_footfall__days_read') }}
),

hours as (
    select * from {{ ref('int_footfall__hours') }}
),

readings as (
    select
        store_name,
        sensor_id,
        load_id,
        visits,
        read_at_local
    from {{ ref('int_footfall__readings_accepted') }}
    {%- if left and is_touched_build('footfall.reading_load_reconciliation') %}

    union all

    select
        held.store_name,
        held.sensor_id,
        held.load_id,
        case when held.reading_status = 'failed' then -1 else held.visits end as visits,
        held.read_at_local
    from {{ left }} as held
    inner join days_read
        on
            held.store_name = days_read.store_name
            and held.traffic_date = days_read.traffic_date
    left join {{ ref('int_footfall__days_received') }} as days_received
        on
            held.store_name = days_received.store_name
            and held.traffic_date = days_received.traffic_date
    where held.load_id is not null and days_received.store_name is null
    {%- endif %}
),

spine as (
    select
        sensor_days.*,
        days_read.is_touched,
        hours.hour_number as hour_of_day,
        {{ plus_hours('cast(sensor_days.traffic_date as timestamp)', 'hours.hour_number') }}
            as read_at_local
    from sensor_days
    inner join days_read
        on
            sensor_days.store_name = days_read.store_name
            and sensor_days.traffic_date = days_read.traffic_date
    inner join hours on sensor_days.last_hour_of_day >= hours.hour_number
    where sensor_days.hours_in_day != 23 or sensor_days.changed_hour != hours.hour_number
),

final as (
    select
        spine.store_name,
        spine.sensor_id,
        spine.time_zone,
        readings.load_id,
        spine.hour_of_day,
        spine.hours_in_day,
        case
            when spine.hours_in_day = 25 and spine.changed_hour = spine.hour_of_day then 2 else 1
        end as hours_covered,
        readings.visits as visits_reported,
        spine.is_complete_day,
        spine.is_touched,
        spine.traffic_date,
        {{ hour_starts_at('spine', 'spine.hour_of_day') }} as read_at,
        spine.read_at_local
    from spine
    left join readings
        on
            spine.store_name = readings.store_name
            and spine.sensor_id = readings.sensor_id
            and spine.read_at_local = readings.read_at_local
)

select * from final
