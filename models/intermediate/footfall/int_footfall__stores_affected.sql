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

-- The readings of a store that is new, or has another time zone, are validated again.
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
