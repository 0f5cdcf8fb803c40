{{ config(materialized='table') }}

-- Most days have all their readings: only the others are expanded into hours.
with hours_read as (
    select * from {{ ref('int_footfall__hours_read') }}
),

sensor_days as (
    select * from {{ ref('int_footfall__sensor_days') }}
),

days_read as (
    select * from {{ ref('int_footfall__days_read') }}
),

hours as (
    select * from {{ ref('int_footfall__hours') }}
),

counted as (
    select
        store_name,
        sensor_id,
        traffic_date,
        count(*) as clock_hours
    from hours_read
    group by store_name, sensor_id, traffic_date
),

days_with_gaps as (
    select
        sensor_days.*,
        days_read.is_affected
    from sensor_days
    inner join days_read
        on
            sensor_days.store_name = days_read.store_name
            and sensor_days.traffic_date = days_read.traffic_date
    left join counted
        on
            sensor_days.store_name = counted.store_name
            and sensor_days.sensor_id = counted.sensor_id
            and sensor_days.traffic_date = counted.traffic_date
    where sensor_days.clock_hours_expected > coalesce(counted.clock_hours, 0)
),

found as (
    select
        hours_read.store_name,
        hours_read.sensor_id,
        hours_read.read_at_local
    from hours_read
    inner join days_with_gaps
        on
            hours_read.store_name = days_with_gaps.store_name
            and hours_read.sensor_id = days_with_gaps.sensor_id
            and hours_read.traffic_date = days_with_gaps.traffic_date
),

spine as (
    select
        days_with_gaps.*,
        {{ plus_hours('cast(days_with_gaps.traffic_date as timestamp)', 'hours.hour_number') }}
            as read_at_local
    from days_with_gaps
    inner join hours on days_with_gaps.last_hour_of_day >= hours.hour_number
    where
        days_with_gaps.hours_in_day != 23
        or days_with_gaps.changed_hour != hours.hour_number
),

final as (
    select spine.*
    from spine
    left join found
        on
            spine.store_name = found.store_name
            and spine.sensor_id = found.sensor_id
            and spine.read_at_local = found.read_at_local
    where found.store_name is null
)

select * from final
