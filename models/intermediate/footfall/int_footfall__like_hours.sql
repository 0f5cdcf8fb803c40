{{ config(materialized='table') }}

-- Only hours in which the store counted visits, or the sensor did not count, are compared: a store
-- that is closed has no visits by which its doors differ.
with sensor_hours as (
    select * from {{ ref('int_footfall__sensor_hours') }}
),

store_hours as (
    select * from {{ ref('int_footfall__store_hours') }}
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
        store_hours.visits = 0
        and store_hours.readings_valid * store_hours.usual_sixtieths
        >= {{ 60 * estimate_settings()['visits_that_show_closure'] }} as is_store_closed,
        case
            when sensor_hours.hours_covered = 1 and sensor_hours.visits_reported >= 0
                then sensor_hours.visits_reported
        end as visits,
        sensor_hours.hours_covered - {{ hours_where('{} >= 0') }} as readings_lacking,
        sensor_hours.traffic_date,
        sensor_hours.read_at_local
    from sensor_hours
    inner join store_hours
        on
            sensor_hours.store_name = store_hours.store_name
            and sensor_hours.traffic_date = store_hours.traffic_date
            and sensor_hours.hour_of_day = store_hours.hour_of_day
    where
        store_hours.visits > 0
        or {{ hours_where('{} >= 0') }} < sensor_hours.hours_covered
),

compared as (
    select
        *,
        cast(sum(visits) over (
            {{ like_weeks('sensor_number, slot_of_week') }}
        ) as bigint) as visits_of_like,
        count(visits) over ({{ like_weeks('sensor_number, slot_of_week') }}) as hours_counted,
        count(*) over ({{ like_weeks('sensor_number, slot_of_week') }}) as hours_like
    from readings
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
