-- The store's time zone says at which instant a clock hour began.
with readings as (
    select * from {{ ref('int_footfall__readings_received') }}
),

stores as (
    select * from {{ ref('int_footfall__stores') }}
),

zone_days as (
    select * from {{ ref('int_footfall__zone_days') }}
),

enriched as (
    select
        readings.*,
        stores.time_zone,
        {{ hour_starts_at('zone_days', 'hour(readings.read_at_local)') }} as read_at,
        zone_days.hours_in_day = 23
        and zone_days.changed_hour = hour(readings.read_at_local) as is_hour_skipped,
        coalesce(
            zone_days.hours_in_day = 25
            and zone_days.changed_hour = hour(readings.read_at_local),
            false
        ) as is_hour_repeated
    from readings
    left join stores on readings.store_name = stores.store_name
    left join zone_days
        on
            stores.time_zone = zone_days.time_zone
            and readings.traffic_date = zone_days.local_date
)

select * from enriched
