{{ config(materialized='incremental', unique_key='crime_id') }}

with versions as (
    select * from {{ ref('int_crime__versions_cleaned') }}
),

superseded as (
    select * from {{ ref('int_crime__versions_superseded') }}
),

current_versions as (
    select versions.*
    from versions
    left join superseded
        on
            versions.source_dataset = superseded.source_dataset
            and versions.socrata_id = superseded.socrata_id
            and versions.socrata_updated_at = superseded.socrata_updated_at
            and versions.socrata_version = superseded.socrata_version
    where
        versions.rejection_reason is null
        and superseded.socrata_id is null
),

final as (
    select
        crime_id,
        case_number,
        iucr,
        district_id,
        ward_id,
        community_area_id,
        beat_id,
        block,
        primary_type,
        description,
        location_description,
        fbi_code,
        case
            when hour(occurred_at_local) < 6 then 'night'
            when hour(occurred_at_local) < 12 then 'morning'
            when hour(occurred_at_local) < 18 then 'afternoon'
            else 'evening'
        end as time_of_day,
        district_origin,
        coordinates_status,
        'America/Chicago' as occurred_at_time_zone,
        source_dataset,
        file_name,
        load_id,
        x_coordinate,
        y_coordinate,
        latitude,
        longitude,
        is_arrest,
        is_domestic,
        occurred_at_local = cast(cast(occurred_at_local as date) as timestamp) as is_time_unknown,
        cast(occurred_at_local as date) as occurred_date,
        occurred_at,
        occurred_at_local,
        updated_at
    from current_versions
),

-- A second reference to the CTE would make engines copy it.
affected as ( -- noqa: ST03
    select distinct crime_id from {{ ref('int_crime__versions_cleaned') }}
    where crime_id is not null
)

{{ rows_of_affected('affected', 'final', ['crime_id']) }}
