with crimes as (
    select * from {{ source('chicago_crime', 'crimes') }}
),

renamed as (
    select
        socrata_id,
        socrata_updated_at,
        socrata_version,
        case_number,
        beat as beat_reported,
        district as district_reported,
        community_area as community_area_reported,
        iucr as iucr_reported,
        primary_type as primary_type_reported,
        description,
        location_description,
        block,
        fbi_code,
        id as portal_id_reported,
        ward as ward_reported,
        x_coordinate as x_coordinate_reported,
        y_coordinate as y_coordinate_reported,
        latitude as latitude_reported,
        longitude as longitude_reported,
        arrest as arrest_reported,
        domestic as domestic_reported,
        date as occurred_at_reported,
        updated_on as updated_on_reported,
        _dlt_load_id as load_id
    from crimes
)

select * from renamed
