with deletions as (
    select * from {{ source('pisa', 'response_deletions') }}
),

typed as (
    select
        database_country,
        id as submission_id,
        _dlt_load_id as load_id,
        {{ utc_text_to_timestamp('detected_at') }} as detected_at
    from deletions
)

select * from typed
