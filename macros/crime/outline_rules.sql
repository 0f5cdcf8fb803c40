{# Why an outline is rejected; see rejection_reason(). #}
{% macro outline_rules() -%}
    {{ return([
        ("'area_number: missing'", 'area_number is null'),
        (
            "'area_number: no known ' || replace(area_kind, '_', ' ')",
            'area_number is not null and district_id is null'
            ~ ' and ward_id is null and community_area_id is null'
        ),
        (
            "'geometry: no Polygon or MultiPolygon'",
            "not coalesce("
            ~ "geometry_type = 'Polygon' and coordinates like '[[[%'"
            ~ " or geometry_type = 'MultiPolygon' and coordinates like '[[[[%', false)"
        ),
    ]) }}
{%- endmacro %}
