{{ config(materialized='table') }}

{% set left = relation_left('footfall.sensor_traffic_daily') %}

-- Read only where a build is incremental: depends_on: {{ ref('int_footfall__loads') }}
-- depends_on: {{ ref('int_footfall__stores_touched') }}
-- depends_on: {{ ref('stg_store_sensors__reading_deletions') }}
with readings as (
    select * from {{ ref('int_footfall__readings_unioned') }}
),

{% if is_touched_build('footfall.reading_load_reconciliation') %}
loads as (
    {{ unaccounted_loads(ref('int_footfall__loads'), 'footfall.reading_load_reconciliation') }}
),

stores_touched as (
    select * from {{ ref('int_footfall__stores_touched') }}
),

received as (
    select
        store_name,
        traffic_date
    from readings
    where
        load_id in (select loads.load_id from loads)
        or store_name in (select stores_touched.store_name from stores_touched)

    union all

    select
        deletions.store_name,
        cast(deletions.read_at_local as date) as traffic_date
    from {{ ref('stg_store_sensors__reading_deletions') }} as deletions
    where deletions.load_id in (select loads.load_id from loads)
    {%- if left %}

    union all

    select
        held.store_name,
        held.traffic_date
    from {{ left }} as held
    where held.store_name in (select stores_touched.store_name from stores_touched)
    {%- endif %}
),

final as (
    select distinct
        store_name,
        traffic_date
    from received
    where store_name is not null and traffic_date is not null
)
{% else %}
final as (
    select distinct
        store_name,
        traffic_date
    from readings
    where store_name is not null and traffic_date is not null
)
{% endif %}

select * from final
