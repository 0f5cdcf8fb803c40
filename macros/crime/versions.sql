{# Key of a version of a crime in raw: the columns by which dlt merges it, and the data set. #}
{% macro version_key() -%}
    {{ surrogate_key(['source_dataset', 'socrata_id', 'socrata_updated_at', 'socrata_version']) }}
{%- endmacro %}


{# Select items: what every row of a version of a crime begins with. #}
{% macro version_columns() -%}
    {{ version_key() }} as version_key,
        crime_id,
        source_dataset,
        socrata_id,
        socrata_updated_at,
        socrata_version
{%- endmacro %}
