with crimes as (
    select * from {{ ref('stg_chicago_crime__crimes') }}
),

crimes_last_year as (
    select * from {{ ref('stg_chicago_crime__crimes_last_year') }}
),

{% set shared = [
    'socrata_id', 'socrata_updated_at', 'socrata_version', 'case_number', 'beat_reported',
    'iucr_reported', 'primary_type_reported', 'description', 'location_description', 'block',
    'fbi_code', 'ward_reported', 'x_coordinate_reported', 'y_coordinate_reported',
    'latitude_reported', 'longitude_reported', 'arrest_reported', 'domestic_reported',
    'occurred_at_reported', 'load_id'
] %}

unioned as (
    select
        'ijzp-q8t2' as source_dataset,
        portal_id_reported,
        district_reported,
        community_area_reported,
        updated_on_reported,
        {{ shared | join(',\n        ') }}
    from crimes

    union all

    select
        'x2n5-8w5q' as source_dataset,
        cast(null as string) as portal_id_reported,
        cast(null as string) as district_reported,
        cast(null as string) as community_area_reported,
        cast(null as string) as updated_on_reported,
        {{ shared | join(',\n        ') }}
    from crimes_last_year
)

select * from unioned
