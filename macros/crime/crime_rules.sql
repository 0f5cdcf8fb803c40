{# Why a version of a crime is rejected; see rejection_reason(). An unknown district, ward or type
   is not a reason: the crime then has the unknown member of that dimension. #}
{% macro crime_rules() -%}
    {{ return([
        ("'id: missing'", "source_dataset = 'ijzp-q8t2' and portal_id_reported is null"),
        ("'id: not a whole number'", 'portal_id_reported is not null and crime_id is null'),
        ("'id: not a positive number'", 'portal_id_reported is not null and crime_id <= 0'),
        (
            "':updated_at: missing or not a UTC time'",
            'row_updated_at is null and file_name is null'
        ),
        ("'date: missing'", 'occurred_at_reported is null'),
        ("'date: not a time'", 'occurred_at_reported is not null and occurred_at_local is null'),
        ("'date: before 2001'", "occurred_at_local < cast('2001-01-01' as timestamp)"),
        (
            "'date: after the row was last updated'",
            'cast(occurred_at_local as date) > cast(row_updated_at as date) + 1'
        ),
        ("'arrest: missing'", 'arrest_reported is null'),
        ("'arrest: not true or false'", 'arrest_reported is not null and is_arrest is null'),
        ("'domestic: missing'", 'domestic_reported is null'),
        ("'domestic: not true or false'", 'domestic_reported is not null and is_domestic is null'),
        ("'ward: not a whole number'", 'ward_reported is not null and ward_number is null'),
        (
            "'x_coordinate: not a whole number'",
            'x_coordinate_reported is not null and x_coordinate is null'
        ),
        (
            "'y_coordinate: not a whole number'",
            'y_coordinate_reported is not null and y_coordinate is null'
        ),
        (
            "'latitude: not a latitude'",
            'latitude_reported is not null and not coalesce(abs(latitude) <= 90, false)'
        ),
        (
            "'longitude: not a longitude'",
            'longitude_reported is not null and not coalesce(abs(longitude) <= 180, false)'
        ),
        (
            "'updated_on: not a time'",
            'updated_on_reported is not null and updated_on_local is null'
        ),
    ]) }}
{%- endmacro %}


{# A line of a file that could not be split into cells, as it is in the file. #}
{% macro crime_line_as_received() -%}
    {{ json_row([('line', 'line_text')]) }}
{%- endmacro %}


{# The text of a version as received, under the names of data set ijzp-q8t2. #}
{% macro crime_as_received() -%}
    {{ json_row([
        (':id', 'socrata_id'), (':updated_at', 'socrata_updated_at'),
        (':version', 'socrata_version'), ('id', 'portal_id_reported'),
        ('case_number', 'case_number'), ('date', 'occurred_at_reported'), ('block', 'block'),
        ('iucr', 'iucr_reported'), ('primary_type', 'primary_type_reported'),
        ('description', 'description'), ('location_description', 'location_description'),
        ('arrest', 'arrest_reported'), ('domestic', 'domestic_reported'),
        ('beat', 'beat_reported'), ('district', 'district_reported'), ('ward', 'ward_reported'),
        ('community_area', 'community_area_reported'), ('fbi_code', 'fbi_code'),
        ('x_coordinate', 'x_coordinate_reported'), ('y_coordinate', 'y_coordinate_reported'),
        ('updated_on', 'updated_on_reported'), ('latitude', 'latitude_reported'),
        ('longitude', 'longitude_reported')
    ]) }}
{%- endmacro %}
