with outlines as (
    select * from {{ ref('int_crime__outlines_validated') }}
    where area_kind = 'ward' and rejection_reason is null
),

final as (
    select
        ward_id,
        {{ multi_polygon('polygons', 'feature_number') }} as geojson_geometry
    from outlines
    group by ward_id
)

select * from final
