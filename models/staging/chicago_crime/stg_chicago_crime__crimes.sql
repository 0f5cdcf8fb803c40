with crimes as (
    select * from {{ source('chicago_crime', 'crimes') }}
),

typed as (
    select
        {{ text_to_bigint('id') }} as portal_id,
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
        _dlt_load_id as load_id,
        {{ text_to_integer('ward') }} as ward_number,
        {{ text_to_integer('x_coordinate') }} as x_coordinate,
        {{ text_to_integer('y_coordinate') }} as y_coordinate,
        try_cast(latitude as double) as latitude,
        try_cast(longitude as double) as longitude,
        {{ text_to_boolean('arrest') }} as is_arrest,
        {{ text_to_boolean('domestic') }} as is_domestic,
        {{ text_to_timestamp('date') }} as occurred_at_local,
        {{ text_to_timestamp('updated_on') }} as updated_on_local,
        {{ utc_text_to_timestamp('socrata_updated_at') }} as row_updated_at
    from crimes
)

select * from typed
