{{ config(materialized='incremental', unique_key=['latitude', 'longitude', 'ward_map']) }}

with ward_maps as (
    select * from {{ ref('int_crime__ward_map_files') }}
),

edges as (
    select * from {{ ref('int_crime__outline_edges') }}
    where area_kind = 'ward'
),

locations as (
    select
        latitude,
        longitude
    from {{ ref('int_crime__versions_cleaned') }}
    where latitude is not null
    {%- if is_incremental() %}
    union all
    -- Every location is placed anew where the outlines of a map changed, or came after the crimes.
    select
        placed.latitude,
        placed.longitude
    from {{ this }} as placed
    inner join ward_maps
        on
            placed.ward_map = ward_maps.ward_map
            and placed.outlines_sha256 != ward_maps.outlines_sha256
    {%- endif %}
),

to_place as (
    select distinct
        locations.latitude,
        locations.longitude,
        ward_maps.ward_map,
        ward_maps.source_dataset,
        ward_maps.outlines_sha256
    from locations
    cross join ward_maps
    {%- if is_incremental() %}
    left join {{ this }} as placed
        on
            locations.latitude = placed.latitude
            and locations.longitude = placed.longitude
            and ward_maps.ward_map = placed.ward_map
            and ward_maps.outlines_sha256 = placed.outlines_sha256
    where placed.ward_map is null
    {%- endif %}
),

crossed as (
    select
        to_place.latitude,
        to_place.longitude,
        to_place.ward_map,
        cast(edges.area_id as integer) as ward_id
    from to_place
    inner join edges
        on
            to_place.source_dataset = edges.source_dataset
            and {{ latitude_band('to_place.latitude') }} = edges.latitude_band
            and {{ crosses_edge('to_place', 'edges') }}
    group by to_place.latitude, to_place.longitude, to_place.ward_map, edges.area_id
    having count(*) % 2 = 1
),

-- Outlines that overlap by an inch: the ward with the lower number.
within as (
    select
        latitude,
        longitude,
        ward_map,
        min(ward_id) as ward_id
    from crossed
    group by latitude, longitude, ward_map
),

final as (
    select
        to_place.latitude,
        to_place.longitude,
        to_place.ward_map,
        coalesce(within.ward_id, 0) as ward_id,
        to_place.outlines_sha256
    from to_place
    left join within
        on
            to_place.latitude = within.latitude
            and to_place.longitude = within.longitude
            and to_place.ward_map = within.ward_map
)

select * from final
