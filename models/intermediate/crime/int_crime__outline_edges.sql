{{ config(materialized='incremental', unique_key='source_dataset') }}

with outlines as (
    select
        area.*,
        coalesce(
            area.district_id, cast(area.ward_id as string), cast(area.community_area_id as string)
        ) as area_id
    from {{ ref('int_crime__outlines_validated') }} as area
    {%- if is_incremental() %}
    where not exists (
        select 1 from {{ this }} as edges
        where {{ equal_columns('edges', 'area', ['source_dataset', 'file_sha256']) }}
    )
    {%- endif %}
),

-- Of `[[[x,y],[x,y]],[[x,y]]],[[[x,y]]]` each pair of brackets around points is a ring.
rings as (
    select
        *,
        {{ parts_as_rows("replace(polygons, ']],[[', '|')", '|', 'ring_number', 'ring') }}
    from outlines
    where rejection_reason is null
),

points as (
    select
        *,
        {{ parts_as_rows(
            "translate(replace(ring, '],[', '|'), '[]', '')", '|', 'point_number', 'point'
        ) }}
    from rings
),

located as (
    select
        *,
        try_cast(split_part(point, ',', 1) as double) as longitude,
        try_cast(split_part(point, ',', 2) as double) as latitude
    from points
),

-- Closes a ring that does not end where it began.
paired as (
    select
        *,
        coalesce(lead(longitude) over ring, first_value(longitude) over ring) as next_longitude,
        coalesce(lead(latitude) over ring, first_value(latitude) over ring) as next_latitude
    from located
    window ring as (partition by source_dataset, feature_number, ring_number order by point_number)
),

-- From south to north: two areas' edges along a common border are the same, to the last bit.
edges as (
    select
        source_dataset,
        file_sha256,
        area_kind,
        area_id,
        least(latitude, next_latitude) as south_latitude,
        case when latitude < next_latitude then longitude else next_longitude end
            as south_longitude,
        greatest(latitude, next_latitude) as north_latitude,
        case when latitude < next_latitude then next_longitude else longitude end
            as north_longitude,
        -- Nothing beyond the city is asked for.
        greatest(
            {{ latitude_band('least(latitude, next_latitude)') }}, {{ latitude_band(41.6) }}
        ) as first_band,
        least(
            {{ latitude_band('greatest(latitude, next_latitude)') }}, {{ latitude_band(42.1) }}
        ) as last_band
    from paired
    where
        latitude != next_latitude
        and least(latitude, next_latitude) between -90 and 42.1
        and greatest(latitude, next_latitude) between 41.6 and 90
),

final as (
    select
        source_dataset,
        file_sha256,
        area_kind,
        area_id,
        {{ every_number('first_band', 'last_band') }} as latitude_band,
        south_latitude,
        south_longitude,
        north_latitude,
        north_longitude
    from edges
    where first_band <= last_band
),

affected as ( -- noqa: ST03
    select distinct source_dataset from outlines
)

{{ rows_of_affected('affected', 'final', ['source_dataset']) }}
