{{ config(materialized='table') }}

with enriched as (
    select * from {{ ref('int_crime__versions_enriched') }}
),

cleaned as (
    select
        crime_id,
        source_dataset,
        socrata_id,
        socrata_updated_at,
        socrata_version,
        file_name,
        line_number,
        load_id,
        case_number,
        iucr,
        coalesce(district_id_reported, district_id_from_beat, '000') as district_id,
        coalesce(ward_id_known, 0) as ward_id,
        coalesce(community_area_id_known, 0) as community_area_id,
        beat_code as beat_id,
        upper(block) as block,
        coalesce(primary_type_renamed, primary_type_upper, 'UNKNOWN') as primary_type,
        description,
        location_description,
        fbi_code_padded as fbi_code,
        case
            when district_id_reported is not null then 'reported'
            when district_id_from_beat is not null then 'beat'
            else 'unknown'
        end as district_origin,
        coordinates_status,
        case when coordinates_status = 'reported' then x_coordinate end as x_coordinate,
        case when coordinates_status = 'reported' then y_coordinate end as y_coordinate,
        case when coordinates_status = 'reported' then latitude end as latitude,
        case when coordinates_status = 'reported' then longitude end as longitude,
        is_arrest,
        is_domestic,
        occurred_at_local,
        {{ local_to_utc('occurred_at_local', "'America/Chicago'") }} as occurred_at,
        coalesce(
            {{ local_to_utc('updated_on_local', "'America/Chicago'") }}, row_updated_at
        ) as updated_at,
        row_updated_at,
        rejection_reason,
        raw_row
    from enriched
)

select * from cleaned
