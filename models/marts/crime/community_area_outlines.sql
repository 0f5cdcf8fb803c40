with outlines as (
    select * from {{ ref('int_crime__outlines_validated') }}
    where area_kind = 'community_area' and rejection_reason is null
),

final as (
    select
        community_area_id,
        {{ multi_polygon('polygons', 'feature_number') }} as geojson_geometry
    from outlines
    group by community_area_id
)

select * from final
