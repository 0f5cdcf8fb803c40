{# All polygons of a group as one GeoJSON geometry, as text; `polygons` is the comma-separated JSON
   text of one or more polygons, `place` their order. #}
{% macro multi_polygon(polygons, place) -%}
    '{"type":"MultiPolygon","coordinates":['
    || {{ joined_text(polygons, place) }}
    || ']}'
{%- endmacro %}
