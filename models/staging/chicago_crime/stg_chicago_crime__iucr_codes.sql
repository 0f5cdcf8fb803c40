with iucr_codes as (
    select * from {{ source('chicago_crime', 'iucr_codes') }}
),

typed as (
    select
        socrata_id,
        socrata_updated_at,
        socrata_version,
        iucr as iucr_reported,
        primary_description as primary_type_reported,
        secondary_description as description,
        index_code,
        active as active_reported,
        _dlt_load_id as load_id,
        {{ text_to_boolean('active') }} as is_active,
        {{ utc_text_to_timestamp('socrata_updated_at') }} as row_updated_at
    from iucr_codes
)

select * from typed
