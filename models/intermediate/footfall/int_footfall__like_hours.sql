{{ config(materialized='table') }}

{# One sum over a frame has the visits, and in three bits each how many hours were counted and there
   are: frames are what costs most here. #}
{% set packed_hour = 'coalesce(64 * visits + 8, 0) + 1' -%}
-- Only hours in which the store counted visits, or the sensor did not count, are compared: a store
-- that is closed has no visits by which its doors differ.
with sensor_hours as (
    select * from {{ ref('int_footfall__sensor_hours') }}
),

store_hours as (
    select
        *,
        visits = 0 and readings_valid * usual_sixtieths
        >= {{ 60 * estimate_settings()['visits_that_show_closure'] }} as is_store_closed
    from {{ ref('int_footfall__store_hours') }}
    where visits > 0 or readings_valid < readings_expected
),

readings as (
    select
        sensor_hours.store_name,
        sensor_hours.sensor_id,
        sensor_hours.sensor_number,
        store_hours.iso_weekday,
        store_hours.week_number,
        store_hours.iso_weekday * 24 + store_hours.hour_of_day as slot_of_week,
        store_hours.is_opening_hour,
        store_hours.usual_sixtieths as store_usual_sixtieths,
        coalesce(store_hours.is_store_closed, false) as is_store_closed,
        case
            when sensor_hours.hours_covered = 1 and sensor_hours.visits_reported >= 0
                then sensor_hours.visits_reported
        end as visits,
        sensor_hours.hours_covered - ({{ hours_where('{} >= 0') }}) as readings_lacking,
        sensor_hours.traffic_date,
        sensor_hours.read_at_local
    from sensor_hours
    inner join store_hours
        on
            sensor_hours.store_name = store_hours.store_name
            and sensor_hours.read_at_local = store_hours.read_at_local
    where
        store_hours.visits > 0
        or {{ hours_where('{} >= 0') }} < sensor_hours.hours_covered
),

packed as (
    select
        *,
        sum({{ packed_hour }}) over ({{ like_weeks('sensor_number, slot_of_week') }}) as like_hours
    from readings
),

compared as (
    select
        *,
        cast(floor(like_hours / 64) as bigint) as visits_of_like,
        cast(floor(like_hours / 8) as bigint) % 8 as hours_counted,
        cast(like_hours % 8 as bigint) as hours_like
    from packed
),

others as (
    select
        *,
        coalesce(visits_of_like, 0) - coalesce(visits, 0) as visits_of_others,
        cast(hours_counted - case when visits is null then 0 else 1 end as integer)
            as others_counted,
        cast(hours_like - hours_counted as integer) as hours_lacking
    from compared
    where is_opening_hour
),

-- One to six other hours: 60 is a multiple of each number.
final as (
    select
        store_name,
        sensor_id,
        sensor_number,
        iso_weekday,
        week_number,
        store_usual_sixtieths,
        is_store_closed,
        visits,
        readings_lacking,
        others_counted,
        hours_lacking,
        case
            when others_counted > 0
                then cast(floor(60 * visits_of_others / others_counted + 0.5) as bigint)
        end as usual_sixtieths,
        traffic_date,
        read_at_local
    from others
)

select * from final
