{{ config(materialized='table') }}

{# As the previous build left it. #}
{% set left = relation_left('footfall.sensor_traffic_daily') %}

with stores as (
    select * from {{ ref('int_footfall__stores') }}
),

-- A store that was not known, or whose clocks were: its readings are judged anew.
touched as (
    select store_name
    from stores
    {%- if left %}
    where (store_name, time_zone) not in (
        select
            held.store_name,
            held.time_zone
        from {{ left }} as held
    )

    union

    select held.store_name
    from {{ left }} as held
    where (held.store_name, held.time_zone) not in (
        select
            stores.store_name,
            stores.time_zone
        from stores
    )
    {%- endif %}
)

select * from touched
