with outlines as (
    select * from {{ ref('int_crime__outlines_validated') }}
    where area_kind = 'ward' and rejection_reason is null
),

newest_map as (
    select source_dataset from {{ ref('ward_maps') }}
    where in_force_until is null
),

final as (
    select
        outlines.ward_id,
        {{ multi_polygon('outlines.polygons', 'outlines.feature_number') }} as geojson_geometry
    from outlines
    inner join newest_map on outlines.source_dataset = newest_map.source_dataset
    group by outlines.ward_id
)

select * from final
