with file_readings as (
    select * from {{ source('store_sensors', 'file_readings') }}
),

typed as (
    select
        file_sha256,
        file_name,
        shop as store_name,
        date as read_on_reported,
        hour as hour_of_day_reported,
        sensor_id as sensor_id_reported,
        count as visits_reported,
        units,
        _dlt_load_id as load_id,
        {{ text_to_bigint('line_number') }} as line_number,
        {{ text_to_integer('sensor_id') }} as sensor_id,
        {{ text_to_integer('hour') }} as hour_of_day,
        {{ text_to_bigint('count') }} as visits,
        {{ text_to_date('date') }} as read_on
    from file_readings
)

select * from typed
