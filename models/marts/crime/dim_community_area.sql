with community_areas as (
    select * from {{ ref('community_areas') }}
),

final as (
    select
        community_area_id,
        community_area_name,
        side
    from community_areas
    union all
    select
        0 as community_area_id,
        'Unknown' as community_area_name,
        'Unknown' as side
)

select * from final
