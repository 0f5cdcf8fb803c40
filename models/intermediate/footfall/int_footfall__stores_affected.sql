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
    where
        not exists (
            select 1 from previous
            where
                previous.store_name = stores.store_name
                and previous.time_zone is not distinct from stores.time_zone
        )

    union

    select store_name
    from previous
    where not exists (
        select 1 from stores
        where
            stores.store_name = previous.store_name
            and stores.time_zone is not distinct from previous.time_zone
    )
)

select * from affected
