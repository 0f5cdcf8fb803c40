{{ config(materialized='incremental', unique_key='month_start') }}

with ward_maps as (
    select * from {{ ref('int_crime__ward_map_files') }}
),

placed as (
    select * from {{ ref('crime_location_wards') }}
),

months_affected as ( -- noqa: ST03
    select month_start from {{ ref('int_crime__months_affected') }}
    {%- if is_incremental() %}
    union distinct
    -- The outlines of a map changed, or came after the crimes.
    select counted.month_start
    from {{ this }} as counted
    inner join ward_maps
        on
            counted.ward_map = ward_maps.ward_map
            and counted.outlines_sha256 != ward_maps.outlines_sha256
    {%- endif %}
),

crimes as (
    select
        *,
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date) as month_start
    from {{ ref('fct_crimes') }}
    {%- if is_incremental() %}
    where last_day(occurred_date) in (
        select last_day(months_affected.month_start) from months_affected
    )
    {%- endif %}
),

-- No outlines are published of the map before May 2003: it is 0.
enriched as (
    select
        crimes.month_start,
        crimes.community_area_id,
        coalesce(crimes.beat_id, '0000') as beat_id,
        crimes.primary_type,
        coalesce(ward_maps.ward_map, 0) as ward_map,
        coalesce(placed.ward_id, 0) as ward_id,
        coalesce(ward_maps.outlines_sha256, '') as outlines_sha256,
        crimes.is_arrest
    from crimes
    left join ward_maps
        on
            crimes.occurred_date >= ward_maps.in_force_from
            and (
                ward_maps.in_force_until is null
                or crimes.occurred_date <= ward_maps.in_force_until
            )
    left join placed
        on
            ward_maps.ward_map = placed.ward_map
            and crimes.latitude = placed.latitude
            and crimes.longitude = placed.longitude
),

final as (
    select
        month_start,
        case
            when grouping(community_area_id) = 0 then 'community_area'
            when grouping(beat_id) = 0 then 'beat'
            else 'ward'
        end as counted_by,
        community_area_id,
        beat_id,
        primary_type,
        ward_map,
        ward_id,
        outlines_sha256,
        cast(count(*) as bigint) as crimes,
        cast(count_if(is_arrest) as bigint) as arrests
    from enriched
    group by grouping sets ( -- noqa: PRS
        (month_start, community_area_id, primary_type),
        (month_start, beat_id, primary_type),
        (month_start, ward_map, ward_id, outlines_sha256)
    )
)

{{ rows_of_affected('months_affected', 'final', ['month_start']) }}
