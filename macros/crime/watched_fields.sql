{# Columns of a crime whose revisions crime_changes lists. #}
{% macro watched_fields() -%}
    {{ return([
        'case_number', 'iucr', 'primary_type', 'description', 'location_description', 'block',
        'beat_id', 'district_id', 'ward_id', 'community_area_id', 'fbi_code', 'x_coordinate',
        'y_coordinate', 'is_arrest', 'is_domestic', 'occurred_at_local'
    ]) }}
{%- endmacro %}
