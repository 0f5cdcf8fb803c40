with sensors as (
    select * from {{ source('store_sensors', 'sensors') }}
),

typed as (
    select
        store_name,
        {{ text_to_integer('sensor_id') }} as sensor_id
    from sensors
)

select * from typed
