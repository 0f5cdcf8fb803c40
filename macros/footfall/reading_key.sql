{# Key of a raw row: what dlt merges it by, whether it came from the API or from a file. #}
{% macro reading_key() -%}
    {{ surrogate_key([
        'reading_source', 'file_sha256', 'line_number',
        "case when reading_source = 'api' then store_name end",
        "case when reading_source = 'api' then sensor_id_reported end",
        "case when reading_source = 'api' then read_at_local end",
        'read_at_local_reported'
    ]) }}
{%- endmacro %}
