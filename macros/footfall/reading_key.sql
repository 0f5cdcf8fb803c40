{# Key of a row in raw: the columns by which dlt merges it, for the API and for files. #}
{% macro reading_key() -%}
    {{ surrogate_key([
        'reading_source', 'file_sha256', 'line_number',
        "case when reading_source = 'api' then store_name end",
        "case when reading_source = 'api' then sensor_id_reported end",
        "case when reading_source = 'api' then read_at_local end",
        'read_at_local_reported'
    ]) }}
{%- endmacro %}
