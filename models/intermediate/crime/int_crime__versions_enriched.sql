with versions as (
    select * from {{ ref('int_crime__versions_validated') }}
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

-- The portal and spreadsheets drop leading zeros (`8` for `008`, `820` for `0820`, `8A` for `08A`)
-- and write some numbers, codes too, as `2.0`.
coded as (
    select
        *,
        {{ zero_padded('district_reported', 3) }} as district_code,
        {{ zero_padded('beat_reported', 4) }} as beat_code,
        {{ text_to_integer('community_area_reported') }} as community_area_number,
        coalesce({{ iucr_code('iucr_reported') }}, '0000') as iucr,
        coalesce({{ fbi_code('fbi_code') }}, fbi_code) as fbi_code_padded,
        upper(trim(primary_type_reported)) as primary_type_upper,
        coalesce(x_coordinate = 0 and y_coordinate = 0, false) as is_at_origin
    from versions
),

enriched as (
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
)

select * from enriched
