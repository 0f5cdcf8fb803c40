{{ config(materialized='table') }}

-- A second reference to a CTE of the readings would make engines copy it.
{%- set readings = ref('int_footfall__readings_unioned') %}

with deletions as (
    select * from {{ ref('stg_store_sensors__reading_deletions') }}
),

loads as (
    select * from {{ ref('int_footfall__load_states') }}
),

stores_affected as (
    select * from {{ ref('int_footfall__stores_affected') }}
),

previous as (
    select * from {{ ref('stg_previous__sensor_traffic_daily') }}
),

received as (
    select
        store_name,
        traffic_date
    from {{ readings }}
    where
        load_id in (
            select loads.load_id from loads
            where loads.load_state = 'affected'
        )

    union all

    select
        store_name,
        traffic_date
    from {{ readings }}
    where
        store_name in (select stores_affected.store_name from stores_affected)
        and load_id in (
            select loads.load_id from loads
            where loads.load_state = 'built'
        )

    union all

    select
        store_name,
        cast(read_at_local as date) as traffic_date
    from deletions
    where
        load_id in (
            select loads.load_id from loads
            where loads.load_state = 'affected'
        )

    union all

    select
        store_name,
        traffic_date
    from previous
    where store_name in (select stores_affected.store_name from stores_affected)
),

final as (
    select distinct
        store_name,
        traffic_date
    from received
    where store_name is not null and traffic_date is not null
)

select * from final
