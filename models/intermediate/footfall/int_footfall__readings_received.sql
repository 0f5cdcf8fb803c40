-- A second reference to a CTE of the readings would make engines copy it.
{%- set readings = ref('int_footfall__readings_unioned') %}

with days_received as (
    select * from {{ ref('int_footfall__days_received') }}
),

hours as (
    select * from {{ ref('int_footfall__hours') }}
),

loads as (
    select * from {{ ref('int_footfall__load_states') }}
),

stores_affected as (
    select * from {{ ref('int_footfall__stores_affected') }}
),

-- The API writes a clock hour in one way. Rows are found by that text: to compare days, the times
-- of all rows would have to be cast.
hours_received as (
    select
        days_received.store_name,
        {{ clock_hour_to_text('days_received.traffic_date', 'hours.hour_number') }}
            as read_at_local_reported
    from days_received
    inner join hours on hours.hour_number < 24
),

received as (
    select *
    from {{ readings }}
    where
        reading_source = 'api'
        and (store_name, read_at_local_reported) in (
            select
                hours_received.store_name,
                hours_received.read_at_local_reported
            from hours_received
        )
        and load_id in (
            select loads.load_id from loads
            where loads.load_state != 'pending'
        )

    union all

    select *
    from {{ readings }}
    where
        reading_source = 'file'
        and (store_name, traffic_date) in (
            select
                days_received.store_name,
                days_received.traffic_date
            from days_received
        )
        and load_id in (
            select loads.load_id from loads
            where loads.load_state != 'pending'
        )

    union all

    -- A row without a day or a store is read with its load,
    select *
    from {{ readings }}
    where
        (store_name is null or traffic_date is null)
        and load_id in (
            select loads.load_id from loads
            where loads.load_state = 'affected'
        )

    union all

    -- or with its store. The condition on the day names both sides of the join, so that engines
    -- check it after the join: mostly no store is affected, and then no time is cast.
    select readings.*
    from stores_affected
    inner join {{ readings }} as readings on stores_affected.store_name = readings.store_name
    where
        case when stores_affected.store_name is not null then readings.traffic_date end is null
        and readings.load_id in (
            select loads.load_id from loads
            where loads.load_state = 'built'
        )
)

select * from received
