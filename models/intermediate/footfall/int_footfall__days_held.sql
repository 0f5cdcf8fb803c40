with api_loads as (
    select load_id from {{ ref('int_footfall__loads') }}
    where reading_source = 'api'
),

in_traffic as (
    select
        store_name,
        traffic_date,
        1 as is_here,
        0 as is_deleted,
        visits
    from {{ ref('sensor_traffic_hourly') }}
    where
        reading_status != 'not_received'
        and load_id in (select api_loads.load_id from api_loads)
),

superseded as (
    select
        store_name,
        traffic_date,
        1 as is_here,
        0 as is_deleted,
        case when visits_reported >= 0 then visits_reported end as visits
    from {{ ref('superseded_readings') }}
    where source = 'api' and visits_reported is not null
),

-- What a door answers for the time before it counted is not counted by the source either.
rejected as (
    select
        store_name,
        traffic_date,
        1 as is_here,
        0 as is_deleted,
        cast(null as bigint) as visits
    from {{ ref('rejected_readings') }}
    where source = 'api' and reason not like '%the store was not open yet%'
),

deleted as (
    select
        store_name,
        traffic_date,
        0 as is_here,
        1 as is_deleted,
        cast(null as bigint) as visits
    from {{ ref('deleted_readings') }}
),

every_reading as (
    select * from in_traffic

    union all

    select * from superseded

    union all

    select * from rejected

    union all

    select * from deleted
),

here as (
    select
        store_name,
        traffic_date,
        cast(sum(is_here) as bigint) as readings_here,
        cast(sum(is_deleted) as bigint) as readings_deleted,
        cast(sum(visits) as bigint) as visits_here
    from every_reading
    group by store_name, traffic_date
)

select * from here
