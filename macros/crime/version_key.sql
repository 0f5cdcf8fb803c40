{# Key of a version of a crime: what dlt merges the row in raw by, in either data set. #}
{% macro version_key() -%}
    {{ surrogate_key(['source_dataset', 'socrata_id', 'socrata_updated_at', 'socrata_version']) }}
{%- endmacro %}
