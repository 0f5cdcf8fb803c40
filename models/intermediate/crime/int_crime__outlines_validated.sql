{{ config(materialized='table') }}

with outlines as (
    select * from {{ ref('stg_chicago_crime__outlines') }}
),

districts as (
    select district_id from {{ ref('dim_police_district') }}
),

wards as (
    select ward_id from {{ ref('dim_ward') }}
),

community_areas as (
    select community_area_id from {{ ref('dim_community_area') }}
),

newest_loads as (
    select
        source_dataset,
        max(load_id) as load_id
    from outlines
    group by source_dataset
),

-- Files are loaded whole: only the features of the latest one are current.
current_outlines as (
    select
        outlines.*,
        case
            when outlines.area_kind = 'district' then {{ zero_padded('outlines.area_number', 3) }}
        end as district_id_stated,
        case
            when outlines.area_kind = 'ward' then {{ text_to_integer('outlines.area_number') }}
        end as ward_id_stated,
        case
            when outlines.area_kind = 'community_area'
                then {{ text_to_integer('outlines.area_number') }}
        end as community_area_id_stated,
        {{ json_text('outlines.geojson_geometry', '$.type') }} as geometry_type,
        {{ json_text('outlines.geojson_geometry', '$.coordinates') }} as coordinates
    from outlines
    inner join newest_loads
        on
            outlines.source_dataset = newest_loads.source_dataset
            and outlines.load_id = newest_loads.load_id
),

enriched as (
    select
        current_outlines.*,
        districts.district_id,
        wards.ward_id,
        community_areas.community_area_id
    from current_outlines
    left join districts
        on
            current_outlines.district_id_stated = districts.district_id
            and districts.district_id <> '000'
    left join wards
        on
            current_outlines.ward_id_stated = wards.ward_id
            and wards.ward_id <> 0
    left join community_areas
        on
            current_outlines.community_area_id_stated = community_areas.community_area_id
            and community_areas.community_area_id <> 0
),

final as (
    select
        source_dataset,
        file_sha256,
        load_id,
        area_kind,
        district_id,
        -- A polygon is treated as the only member of a multi-polygon.
        case
            when geometry_type = 'Polygon' then coordinates
            else substr(coordinates, 2, length(coordinates) - 2)
        end as polygons,
        {{ rejection_reason(outline_rules()) }} as rejection_reason,
        {{ json_row([
            ('area_kind', 'area_kind'),
            ('area_number', 'area_number'),
            ('geometry', 'geojson_geometry')
        ]) }} as raw_row,
        feature_number,
        ward_id,
        community_area_id
    from enriched
)

select * from final
