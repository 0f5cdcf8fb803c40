{{ config(materialized='table') }}

with sensor_days as (
    select * from {{ ref('int_footfall__sensor_days') }}
),

expected as (
    select
        store_name,
        traffic_date,
        cast(sum(readings_expected) as bigint) as readings_expected,
        cast(sum(readings_expected * sensor_id) as bigint) as sensors_expected
    from sensor_days
    group by store_name, traffic_date
),

days_received as (
    select * from {{ ref('int_footfall__days_received') }}
),

declared as (
    select * from {{ ref('int_footfall__opening_hours_declared') }}
),

{# Days that were received, and days that differ from what a mart has: unfinished days, days of an
   added sensor, days that no longer exist. All marts are compared, because a build may have ended
   between them. #}
changed as (
    select
        store_name,
        traffic_date
    from days_received

    union

    {{ store_days_that_differ('expected') }}

    union

    -- Days whose opening hours are stated otherwise now, or no longer.
    select
        previous.store_name,
        previous.traffic_date
    from {{ ref('stg_previous__store_traffic_daily') }} as previous
    left join declared
        on
            previous.store_name = declared.store_name
            and previous.iso_weekday = declared.iso_weekday
    where
        coalesce(declared.opening_hours_source, 'learned') != previous.opening_hours_source
        or (
            declared.store_name is not null
            and (
                coalesce(declared.opens_at_hour, -1) != coalesce(previous.opens_at_hour, -1)
                or coalesce(declared.closes_at_hour, -1) != coalesce(previous.closes_at_hour, -1)
            )
        )
),

-- A day is one of the like days of three weeks before and after, by which failed hours are
-- estimated, and each of these has a part in the errors of the estimates of as many weeks again and
-- in the averages of three weeks after it.
like_days as (
    {%- for weeks in range(1, 2 * estimate_settings()['weeks'] + 1) %}
    select
        store_name,
        {{ plus_days('traffic_date', 7 * weeks) }} as traffic_date
    from changed
    union
    select
        store_name,
        {{ plus_days('traffic_date', -7 * weeks) }} as traffic_date
    from changed
    {% if not loop.last %}union{% endif %}
    {%- endfor %}
),

final as (
    select
        store_name,
        traffic_date
    from changed

    union

    select
        like_days.store_name,
        like_days.traffic_date
    from like_days
    inner join expected
        on
            like_days.store_name = expected.store_name
            and like_days.traffic_date = expected.traffic_date
)

select * from final
