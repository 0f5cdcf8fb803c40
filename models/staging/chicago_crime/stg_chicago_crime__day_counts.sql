with day_counts as (
    select * from {{ source('chicago_crime', 'day_counts') }}
),

typed as (
    select
        dataset as source_dataset,
        _dlt_load_id as load_id,
        {{ text_to_bigint('rows_at_source') }} as rows_at_source,
        {{ text_to_date('occurred_day') }} as occurred_date,
        {{ utc_text_to_timestamp('checked_at') }} as checked_at
    from day_counts
)

select * from typed
