with crimes as (
    select * from {{ ref('stg_chicago_crime__crimes') }}
),

crimes_last_year as (
    select * from {{ ref('stg_chicago_crime__crimes_last_year') }}
),

file_crimes as (
    select * from {{ ref('stg_chicago_crime__file_crimes') }}
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
        cast(null as string) as row_identity,
        portal_id_reported,
        district_reported,
        community_area_reported,
        updated_on_reported,
        cast(null as string) as file_name,
        cast(null as string) as line_text,
        cast(null as string) as line_problem,
        {{ shared | join(',\n        ') }},
        cast(null as bigint) as line_number
    from crimes

    union all

    select
        'x2n5-8w5q' as source_dataset,
        socrata_id as row_identity,
        cast(null as string) as portal_id_reported,
        cast(null as string) as district_reported,
        cast(null as string) as community_area_reported,
        cast(null as string) as updated_on_reported,
        cast(null as string) as file_name,
        cast(null as string) as line_text,
        cast(null as string) as line_problem,
        {{ shared | join(',\n        ') }},
        cast(null as bigint) as line_number
    from crimes_last_year

    union all

    select
        source_dataset,
        row_identity,
        portal_id_reported,
        district_reported,
        community_area_reported,
        updated_on_reported,
        file_name,
        line_text,
        line_problem,
        {{ shared | join(',\n        ') }},
        line_number
    from file_crimes
)

select * from unioned
