with ward_maps as (
    select * from {{ ref('ward_maps') }}
),

final as (
    select
        ward_map,
        'Wards from ' || cast(ward_map as string) as ward_map_name,
        source_dataset,
        in_force_from,
        in_force_until,
        census_year
    from ward_maps
    union all
    select
        0 as ward_map,
        'Wards before May 2003' as ward_map_name,
        cast(null as string) as source_dataset,
        cast(null as date) as in_force_from,
        cast('2003-04-30' as date) as in_force_until,
        cast(null as integer) as census_year
)

select * from final
