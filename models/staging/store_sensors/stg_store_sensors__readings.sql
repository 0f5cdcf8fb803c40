with readings as (
    select * from {{ source('store_sensors', 'readings') }}
),

typed as (
    select
        store_name,
        sensor_id as sensor_id_reported,
        read_at_local as read_at_local_reported,
        visits as visits_reported,
        _dlt_load_id as load_id,
        {{ text_to_integer('sensor_id') }} as sensor_id,
        {{ text_to_bigint('visits') }} as visits,
        {{ text_to_bigint(part_of_pair('visits', 1)) }} as visits_of_pair,
        {{ text_to_bigint(part_of_pair('visits', 2)) }} as visits_other_hour,
        {{ text_to_clock_hour('read_at_local') }} as read_at_local
    from readings
)

select * from typed
