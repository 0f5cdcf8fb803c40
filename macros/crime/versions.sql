{# Key of a version of a crime in raw: the columns by which dlt merges it, and the data set. #}
{% macro version_key() -%}
    {{ surrogate_key(['source_dataset', 'socrata_id', 'socrata_updated_at', 'socrata_version']) }}
{%- endmacro %}


{# Select items: where a version of a crime came from; with the place of a row of a file. #}
{% macro version_origin(with_file=true) -%}
    source_dataset,
        socrata_id,
        socrata_updated_at,
        socrata_version
        {%- if with_file %},
        file_name,
        line_number
        {%- endif %}
{%- endmacro %}
