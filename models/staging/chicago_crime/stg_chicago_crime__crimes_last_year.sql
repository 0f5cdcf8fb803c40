with crimes as (
    select * from {{ source('chicago_crime', 'crimes_last_year') }}
),

renamed as (
    select
        socrata_id,
        socrata_updated_at,
        socrata_version,
        case_ as case_number,
        beat as beat_reported,
        _iucr as iucr_reported,
        _primary_decsription as primary_type_reported,
        _secondary_description as description,
        _location_description as location_description,
        block,
        fbi_cd as fbi_code,
        ward as ward_reported,
        x_coordinate as x_coordinate_reported,
        y_coordinate as y_coordinate_reported,
        latitude as latitude_reported,
        longitude as longitude_reported,
        arrest as arrest_reported,
        domestic as domestic_reported,
        date_of_occurrence as occurred_at_reported,
        _dlt_load_id as load_id
    from crimes
)

select * from renamed
