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
),

-- A day is part of the averages of the same weekday in the three weeks after it.
later as (
    {%- for days in [7, 14, 21] %}
    select
        store_name,
        {{ plus_days('traffic_date', days) }} as traffic_date
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
        later.store_name,
        later.traffic_date
    from later
    inner join expected
        on
            later.store_name = expected.store_name
            and later.traffic_date = expected.traffic_date
)

select * from final
