{# Which outline a point lies in, by the even-odd rule: a ray from the point to the east crosses the
   borders of an outline an odd number of times if, and only if, the point is within. Holes and
   several polygons need no case of their own. Edges are listed by the bands of latitude that they
   touch, so that a point meets only those of its own band. #}


{# The band of a latitude, 56 m high. #}
{% macro latitude_band(latitude) -%}
    cast(floor({{ latitude }} * 2000) as integer)
{%- endmacro %}


{# The condition that a ray from a point crosses an edge of int_crime__outline_edges. An end belongs
   to the edge above it: a ray through a corner crosses once. #}
{% macro crosses_edge(point, edge) -%}
    {{ point }}.latitude >= {{ edge }}.south_latitude
    and {{ point }}.latitude < {{ edge }}.north_latitude
    and {{ point }}.longitude < {{ edge }}.south_longitude
    + ({{ edge }}.north_longitude - {{ edge }}.south_longitude)
    * ({{ point }}.latitude - {{ edge }}.south_latitude)
    / ({{ edge }}.north_latitude - {{ edge }}.south_latitude)
{%- endmacro %}
