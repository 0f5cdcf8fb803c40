with deletions as (
    select * from {{ source('store_sensors', 'reading_deletions') }}
),

typed as (
    select
        store_name,
        sensor_id as sensor_id_reported,
        read_at_local as read_at_local_reported,
        _dlt_load_id as load_id,
        {{ text_to_clock_hour('read_at_local') }} as read_at_local,
        {{ utc_text_to_timestamp('detected_at') }} as detected_at
    from deletions
)

select * from typed
