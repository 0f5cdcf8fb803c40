with hour_counts as (
    select * from {{ source('pisa', 'hour_counts') }}
),

typed as (
    select
        database_country as country_code,
        _dlt_load_id as load_id,
        {{ text_to_bigint('rows_at_source') }} as rows_at_source,
        {{ utc_text_to_timestamp("submitted_hour || ':00:00Z'") }} as hour_start,
        {{ utc_text_to_timestamp('checked_at') }} as checked_at
    from hour_counts
)

select * from typed
