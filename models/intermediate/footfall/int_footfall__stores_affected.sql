{{ config(materialized='table') }}

with stores as (
    select * from {{ ref('int_footfall__stores') }}
),

previous as (
    select distinct
        store_name,
        time_zone
    from {{ ref('stg_previous__sensor_traffic_daily') }}
),

-- A store that was not known, or whose clocks were: its readings are validated anew.
affected as (
    select store_name
    from stores
    where (store_name, time_zone) not in (
        select
            previous.store_name,
            previous.time_zone
        from previous
    )

    union

    select store_name
    from previous
    where (store_name, time_zone) not in (
        select
            stores.store_name,
            stores.time_zone
        from stores
    )
)

select * from affected
