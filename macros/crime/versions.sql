{# Key of a version of a crime in raw: the columns by which dlt merges it, and the data set. #}
{% macro version_key() -%}
    {{ surrogate_key(['source_dataset', 'socrata_id', 'socrata_updated_at', 'socrata_version']) }}
{%- endmacro %}


{# Select items: what every row of a version of a crime begins with; with the place of a row of a
   file. #}
{% macro version_columns(with_file=true) -%}
    {{ version_key() }} as version_key,
        crime_id,
        source_dataset,
        socrata_id,
        socrata_updated_at,
        socrata_version
        {%- if with_file %},
        file_name,
        line_number
        {%- endif %}
{%- endmacro %}
