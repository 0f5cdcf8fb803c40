{{ config(materialized='table') }}

with versions as (
    select * from {{ ref('int_crime__versions_checked') }}
),

districts as (
    select * from {{ ref('police_districts') }}
),

renames as (
    select * from {{ ref('crime_type_renames') }}
),

wards as (
    select * from {{ ref('wards') }}
),

community_areas as (
    select * from {{ ref('community_areas') }}
),

-- The portal loses leading zeros (`8` for `008`, `820` for `0820`) and writes some numbers as `2.0`.
coded as (
    select
        *,
        lpad(cast({{ text_to_integer('district_reported') }} as varchar), 3, '0') as district_code,
        lpad(cast({{ text_to_integer('beat_reported') }} as varchar), 4, '0') as beat_code,
        {{ text_to_integer('community_area_reported') }} as community_area_number,
        case
            when length(trim(iucr_reported)) between 1 and 4
                then lpad(upper(trim(iucr_reported)), 4, '0')
            else '0000'
        end as iucr,
        upper(trim(primary_type_reported)) as primary_type_upper,
        coalesce(x_coordinate = 0 and y_coordinate = 0, false) as is_at_origin
    from versions
),

located as (
    select
        coded.*,
        reported.district_id as district_id_reported,
        from_beat.district_id as district_id_from_beat,
        wards.ward_id as ward_id_known,
        community_areas.community_area_id as community_area_id_known,
        renames.primary_type as primary_type_renamed,
        case
            when coded.is_at_origin then 'at_origin'
            when coded.latitude is null or coded.longitude is null then 'missing'
            when
                coded.latitude between 41.6 and 42.1
                and coded.longitude between -88.0 and -87.4
                then 'reported'
            else 'outside_city'
        end as coordinates_status
    from coded
    left join districts as reported
        on coded.district_code = reported.district_id
    left join districts as from_beat
        on '0' || substr(coded.beat_code, 1, 2) = from_beat.district_id
    left join wards
        on coded.ward_number = wards.ward_id
    left join community_areas
        on coded.community_area_number = community_areas.community_area_id
    left join renames
        on coded.primary_type_upper = renames.reported_type
),

cleaned as (
    select
        crime_id,
        source_dataset,
        socrata_id,
        socrata_updated_at,
        socrata_version,
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
        fbi_code,
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
    from located
)

select * from cleaned
