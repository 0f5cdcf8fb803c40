with readings as (
    select * from {{ ref('int_footfall__readings_unioned') }}
),

loads as (
    select * from {{ ref('int_footfall__load_states') }}
),

days_received as (
    select * from {{ ref('int_footfall__days_received') }}
),

stores_affected as (
    select * from {{ ref('int_footfall__stores_affected') }}
),

-- A row without a day or a store is read with its load or its store.
received as (
    select *
    from readings
    where
        load_id in (
            select loads.load_id from loads
            where loads.load_state != 'pending'
        )
        and (
            (store_name, traffic_date) in (
                select
                    days_received.store_name,
                    days_received.traffic_date
                from days_received
            )
            or (
                (store_name is null or traffic_date is null)
                and (
                    load_id in (
                        select loads.load_id from loads
                        where loads.load_state = 'affected'
                    )
                    or store_name in (select stores_affected.store_name from stores_affected)
                )
            )
        )
)

select * from received
