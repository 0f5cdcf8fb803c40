-- A line counts from the load that brought the note of its file, which was then read to its end.
with file_readings as (
    select * from {{ source('store_sensors', 'file_readings') }}
),

files as (
    select * from {{ source('store_sensors', 'files') }}
),

lines as (
    select
        file_readings.*,
        files._dlt_load_id as load_id,
        {{ file_clock_hour('file_readings.timestamp') }} as clock_hour
    from file_readings
    inner join files on file_readings.file_sha256 = files.file_sha256
),

typed as (
    select
        file_sha256,
        file_name,
        line_text,
        line_problem,
        shop as store_name,
        date as read_on_reported,
        hour as hour_of_day_reported,
        timestamp as read_at_local_reported,
        sensor_id as sensor_id_reported,
        count as visits_reported,
        units,
        load_id,
        {{ text_to_bigint('line_number') }} as line_number,
        {{ text_to_integer('sensor_id') }} as sensor_id,
        case
            when timestamp is null then {{ text_to_integer('hour') }} else hour(clock_hour)
        end as hour_of_day,
        {{ text_to_bigint('count') }} as visits,
        case
            when timestamp is null then {{ text_to_date('date') }} else cast(clock_hour as date)
        end as read_on,
        {{ zoned_text_to_instant('timestamp') }} as read_at_reported
    from lines
)

select * from typed
