with day_counts as (
    select * from {{ source('store_sensors', 'day_counts') }}
),

typed as (
    select
        store_name,
        _dlt_load_id as load_id,
        {{ text_to_bigint('readings_at_source') }} as rows_at_source,
        {{ text_to_bigint('visits_at_source') }} as visits_at_source,
        {{ text_to_date('traffic_date') }} as traffic_date,
        {{ utc_text_to_timestamp('checked_at') }} as checked_at
    from day_counts
)

select * from typed
