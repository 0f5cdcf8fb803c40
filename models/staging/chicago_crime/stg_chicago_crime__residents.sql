with residents as (
    select * from {{ source('chicago_crime', 'residents') }}
),

typed as (
    select
        socrata_id,
        socrata_updated_at,
        socrata_version,
        acs_year as acs_year_reported,
        community_area as community_area_reported,
        total_population as residents_reported,
        _dlt_load_id as load_id,
        {{ utc_text_to_timestamp('socrata_updated_at') }} as row_updated_at
    from residents
)

select * from typed
