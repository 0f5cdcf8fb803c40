{{ config(materialized='table') }}

-- Every day of every sensor, from its first to the last of its store, measured or not.
with spans as (
    select * from {{ ref('int_footfall__sensor_spans') }}
),

zone_days as (
    select * from {{ ref('int_footfall__zone_days') }}
),

days as (
    select
        spans.store_name,
        spans.sensor_id,
        spans.time_zone,
        zone_days.hours_in_day,
        zone_days.changed_hour,
        case
            when zone_days.local_date = spans.last_date then spans.last_hour_of_day else 23
        end as last_hour_of_day,
        zone_days.local_date as traffic_date,
        zone_days.starts_at
    from spans
    inner join zone_days
        on
            spans.time_zone = zone_days.time_zone
            and zone_days.local_date between spans.first_date and spans.last_date
),

final as (
    select
        *,
        -- One number for the store and its sensor: sorting by one column is twice as fast.
        cast(dense_rank() over (order by store_name asc, sensor_id asc) as integer)
            as sensor_number,
        cast(
            last_hour_of_day + 1
            - case when hours_in_day = 23 and changed_hour <= last_hour_of_day then 1 else 0 end
            as bigint
        ) as clock_hours_expected,
        cast(
            last_hour_of_day + 1
            + case when changed_hour <= last_hour_of_day then hours_in_day - 24 else 0 end
            as bigint
        ) as readings_expected,
        last_hour_of_day = 23 as is_complete_day
    from days
)

select * from final
