{{ config(materialized='incremental', unique_key='crime_id') }}

with versions as (
    select * from {{ ref('int_crime__versions_current') }}
),

districts as (
    select * from {{ ref('dim_police_district') }}
),

unknown_time_types as (
    select * from {{ ref('unknown_time_types') }}
),

-- Midnight is the time of some crimes, and stands for an unknown time of others: by their type.
timed as (
    select
        versions.*,
        districts.district_name,
        cast(versions.occurred_at_local as date) as occurred_date,
        {{ iso_weekday('versions.occurred_at_local') }} as iso_weekday,
        cast(extract(hour from versions.occurred_at_local) as integer) as hour_of_day,
        unknown_time_types.primary_type is not null
        and versions.occurred_at_local
        = cast(cast(versions.occurred_at_local as date) as timestamp) as is_time_unknown
    from versions
    left join districts on versions.district_id = districts.district_id
    left join unknown_time_types
        on versions.primary_type = unknown_time_types.primary_type
),

final as (
    select
        crime_id,
        case_number,
        occurred_date,
        occurred_at_local,
        occurred_at,
        'America/Chicago' as occurred_at_time_zone,
        iso_weekday,
        {{ weekday_name('iso_weekday') }} as weekday_name,
        case when not is_time_unknown then hour_of_day end as hour_of_day,
        case
            when is_time_unknown then 'unknown'
            when hour_of_day < 6 then 'night'
            when hour_of_day < 12 then 'morning'
            when hour_of_day < 18 then 'afternoon'
            else 'evening'
        end as time_of_day,
        is_time_unknown,
        iucr,
        primary_type,
        description,
        fbi_code,
        location_description,
        block,
        beat_id,
        district_id,
        district_name,
        ward_id,
        community_area_id,
        x_coordinate,
        y_coordinate,
        latitude,
        longitude,
        is_arrest,
        is_domestic,
        district_origin,
        coordinates_status,
        updated_at,
        source_dataset,
        file_name,
        load_id
    from timed
),

-- A second reference to the CTE would make engines copy it.
affected as ( -- noqa: ST03
    select distinct crime_id from {{ ref('int_crime__versions_cleaned') }}
    where crime_id is not null
)

{{ rows_of_affected('affected', 'final', ['crime_id']) }}
