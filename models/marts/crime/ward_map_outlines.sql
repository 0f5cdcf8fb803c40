with outlines as (
    select * from {{ ref('int_crime__outlines_validated') }}
    where area_kind = 'ward' and rejection_reason is null
),

ward_maps as (
    select * from {{ ref('ward_maps') }}
),

final as (
    select
        ward_maps.ward_map,
        outlines.ward_id,
        ward_maps.in_force_from,
        ward_maps.in_force_until,
        {{ multi_polygon('outlines.polygons', 'outlines.feature_number') }} as geojson_geometry
    from outlines
    inner join ward_maps on outlines.source_dataset = ward_maps.source_dataset
    group by
        ward_maps.ward_map,
        outlines.ward_id,
        ward_maps.in_force_from,
        ward_maps.in_force_until
)

select * from final
