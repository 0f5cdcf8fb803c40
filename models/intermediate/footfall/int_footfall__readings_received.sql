-- Read only where a build is incremental: depends_on: {{ ref('int_footfall__days_received') }}
-- depends_on: {{ ref('int_footfall__loads') }}
-- depends_on: {{ ref('int_footfall__stores_touched') }}
with readings as (
    select * from {{ ref('int_footfall__readings_unioned') }}
),

{% if is_touched_build('footfall.reading_load_reconciliation') %}
loads as (
    {{ unaccounted_loads(ref('int_footfall__loads'), 'footfall.reading_load_reconciliation') }}
),

days_received as (
    select * from {{ ref('int_footfall__days_received') }}
),

stores_touched as (
    select * from {{ ref('int_footfall__stores_touched') }}
),

-- A row without a day, or without a store, comes with its load or its store alone.
received as (
    select *
    from readings
    where
        (store_name, traffic_date) in (
            select
                days_received.store_name,
                days_received.traffic_date
            from days_received
        )
        or (
            (store_name is null or traffic_date is null)
            and (
                load_id in (select loads.load_id from loads)
                or store_name in (select stores_touched.store_name from stores_touched)
            )
        )
)
{% else %}
received as (
    select * from readings
)
{% endif %}

select * from received
