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
        ward_maps.source_dataset,
        coalesce(max(outlines.file_sha256), '') as outlines_sha256,
        ward_maps.in_force_from,
        ward_maps.in_force_until
    from ward_maps
    left join outlines on ward_maps.source_dataset = outlines.source_dataset
    group by
        ward_maps.ward_map,
        ward_maps.source_dataset,
        ward_maps.in_force_from,
        ward_maps.in_force_until
)

select * from final
