{# Key of a version of a crime in raw: the columns by which dlt merges it, and the data set. #}
{% macro version_key() -%}
    {{ surrogate_key(['source_dataset', 'socrata_id', 'socrata_updated_at', 'socrata_version']) }}
{%- endmacro %}
