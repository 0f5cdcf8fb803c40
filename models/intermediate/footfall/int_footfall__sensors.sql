-- Sensors that the API lists (or the seed, where the API does not list the store), and those that
-- have a reading.
with stores as (
    select * from {{ ref('int_footfall__stores') }}
),

spans as (
    select * from {{ ref('int_footfall__sensor_spans') }}
),

numbers as (
    {{ dbt.generate_series(1000) }}
),

listed as (
    select
        sensors.store_name,
        sensors.sensor_id
    from {{ ref('stg_store_sensors__sensors') }} as sensors
    inner join stores on sensors.store_name = stores.store_name
    where stores.is_from_api and sensors.sensor_id >= 0

    union

    select
        seeds.store_name,
        cast(numbers.generated_number - 1 as integer) as sensor_id
    from {{ ref('stores') }} as seeds
    inner join stores on seeds.store_name = stores.store_name
    inner join numbers on seeds.sensors >= numbers.generated_number
    where not stores.is_from_api
),

known as (
    select
        store_name,
        sensor_id
    from listed

    union

    select
        store_name,
        sensor_id
    from spans
),

final as (
    select
        known.store_name,
        known.sensor_id,
        listed.store_name is not null as is_listed
    from known
    left join listed
        on
            known.store_name = listed.store_name
            and known.sensor_id = listed.sensor_id
)

select * from final
