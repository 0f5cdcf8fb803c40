{# The GeoJSON, as text, of all polygons of a group in one geometry; `polygons` is JSON text of one
   or more polygons with commas between, `place` their order. #}
{% macro multi_polygon(polygons, place) -%}
    '{"type":"MultiPolygon","coordinates":['
    || {{ joined_text(polygons, place) }}
    || ']}'
{%- endmacro %}
