{{ config(materialized='incremental', unique_key='community_area_id') }}

with files as (
    select
        max(case when area_kind = 'district' then file_sha256 end)
        || max(case when area_kind = 'community_area' then file_sha256 end) as outlines_sha256
    from {{ ref('int_crime__outlines_validated') }}
    where rejection_reason is null
),

changed as (
    select outlines_sha256 from files
    where outlines_sha256 is not null
    {%- if is_incremental() %}
        and outlines_sha256 not in (select distinct known.outlines_sha256 from {{ this }} as known)
    {%- endif %}
),

-- A point every 111 metres to the north and 108 to the east, over the city.
grid as (
    select
        outlines_sha256,
        {{ every_number(0, 500 * 461 - 1) }} as place
    from changed
),

points as (
    select
        outlines_sha256,
        41.6005 + floor(place / 461.0) * 0.001 as latitude,
        -87.9995 + place % 461 * 0.0013 as longitude
    from grid
),

crossed as (
    select
        points.outlines_sha256,
        points.latitude,
        points.longitude,
        edges.area_kind,
        edges.area_id
    from points
    inner join {{ ref('int_crime__outline_edges') }} as edges
        on
            {{ latitude_band('points.latitude') }} = edges.latitude_band
            and edges.area_kind in ('district', 'community_area')
            and {{ crosses_edge('points', 'edges') }}
    group by
        points.outlines_sha256,
        points.latitude,
        points.longitude,
        edges.area_kind,
        edges.area_id
    having count(*) % 2 = 1
),

-- Only what is in both counts: the borders of the two files differ a little along the lake.
placed as (
    select
        outlines_sha256,
        latitude,
        longitude,
        min(case when area_kind = 'district' then area_id end) as district_id,
        min(case when area_kind = 'community_area' then cast(area_id as integer) end)
            as community_area_id
    from crossed
    group by outlines_sha256, latitude, longitude
),

counted as (
    select
        community_area_id,
        district_id,
        outlines_sha256,
        cast(count(*) as bigint) as points
    from placed
    where district_id is not null and community_area_id is not null
    group by community_area_id, district_id, outlines_sha256
),

final as (
    select
        community_area_id,
        district_id,
        outlines_sha256,
        points,
        cast(sum(points) over (partition by community_area_id) as bigint) as points_of_area
    from counted
),

affected as ( -- noqa: ST03
    select areas.community_area_id
    from {{ ref('dim_community_area') }} as areas
    cross join changed
)

{{ rows_of_affected('affected', 'final', ['community_area_id']) }}
