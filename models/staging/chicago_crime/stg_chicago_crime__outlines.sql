with outlines as (
    select * from {{ source('chicago_crime', 'outlines') }}
),

typed as (
    select
        dataset as source_dataset,
        file_sha256,
        _dlt_load_id as load_id,
        area_kind,
        area_number,
        geometry as geojson_geometry,
        {{ text_to_integer('feature_number') }} as feature_number
    from outlines
)

select * from typed
