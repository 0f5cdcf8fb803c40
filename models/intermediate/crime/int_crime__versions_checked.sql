with versions as (
    select * from {{ ref('int_crime__versions_typed') }}
),

{# Column as the source names it, what makes it unfit, and how that is said. #}
{% set rules = [
    ('id', "source_dataset = 'ijzp-q8t2' and portal_id_reported is null", 'missing'),
    ('id', 'portal_id_reported is not null and crime_id is null', 'not a whole number'),
    ('id', 'portal_id_reported is not null and crime_id <= 0', 'not a positive number'),
    (':updated_at', 'row_updated_at is null', 'missing or not a UTC time'),
    ('date', 'occurred_at_reported is null', 'missing'),
    ('date', 'occurred_at_reported is not null and occurred_at_local is null', 'not a time'),
    ('date', "occurred_at_local < cast('2001-01-01' as timestamp)", 'before 2001'),
    (
        'date',
        'cast(occurred_at_local as date) > cast(row_updated_at as date) + 1',
        'after the row was last updated'
    ),
    ('arrest', 'arrest_reported is null', 'missing'),
    ('arrest', 'arrest_reported is not null and is_arrest is null', 'not true or false'),
    ('domestic', 'domestic_reported is null', 'missing'),
    ('domestic', 'domestic_reported is not null and is_domestic is null', 'not true or false'),
    ('ward', 'ward_reported is not null and ward_number is null', 'not a whole number'),
    (
        'x_coordinate',
        'x_coordinate_reported is not null and x_coordinate is null',
        'not a whole number'
    ),
    (
        'y_coordinate',
        'y_coordinate_reported is not null and y_coordinate is null',
        'not a whole number'
    ),
    (
        'latitude',
        'latitude_reported is not null and not coalesce(abs(latitude) <= 90, false)',
        'not a latitude'
    ),
    (
        'longitude',
        'longitude_reported is not null and not coalesce(abs(longitude) <= 180, false)',
        'not a longitude'
    ),
    ('updated_on', 'updated_on_reported is not null and updated_on_local is null', 'not a time'),
] %}

{# The text as received, under the names of data set ijzp-q8t2, kept with each rejected version. #}
{% set original = [
    (':id', 'socrata_id'), (':updated_at', 'socrata_updated_at'), (':version', 'socrata_version'),
    ('id', 'portal_id_reported'), ('case_number', 'case_number'),
    ('date', 'occurred_at_reported'), ('block', 'block'), ('iucr', 'iucr_reported'),
    ('primary_type', 'primary_type_reported'), ('description', 'description'),
    ('location_description', 'location_description'), ('arrest', 'arrest_reported'),
    ('domestic', 'domestic_reported'), ('beat', 'beat_reported'),
    ('district', 'district_reported'), ('ward', 'ward_reported'),
    ('community_area', 'community_area_reported'), ('fbi_code', 'fbi_code'),
    ('x_coordinate', 'x_coordinate_reported'), ('y_coordinate', 'y_coordinate_reported'),
    ('updated_on', 'updated_on_reported'), ('latitude', 'latitude_reported'),
    ('longitude', 'longitude_reported')
] %}

checked as (
    select
        *,
        nullif(concat_ws(
            '; '
            {%- for column, is_unfit, what in rules %},
            case when {{ is_unfit }} then '{{ column }}: {{ what }}' end
            {%- endfor %}
        ), '') as rejection_reason
    from versions
),

final as (
    select
        *,
        case
            when rejection_reason is not null then {{ json_row(original) }}
        end as raw_row
    from checked
)

select * from final
