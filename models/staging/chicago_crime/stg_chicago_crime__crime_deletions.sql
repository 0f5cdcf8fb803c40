with deletions as (
    select * from {{ source('chicago_crime', 'crime_deletions') }}
),

typed as (
    select
        dataset as source_dataset,
        socrata_id,
        socrata_updated_at,
        socrata_version,
        _dlt_load_id as load_id,
        {{ utc_text_to_timestamp('detected_at') }} as detected_at
    from deletions
)

select * from typed
