{# The notes of files that were read to their end, renamed and cast: the loaders of all sources note
   them in the same form.

   files: a relation, or a query in parentheses. more: columns of it to keep. #}
{% macro stage_files(files, more=[]) -%}
    with files as (
        select * from {{ files }}
    ),

    typed as (
        select
            file_sha256,
            file_name,
            _dlt_load_id as load_id,
            {%- for column in more %}
            {{ column }},
            {%- endfor %}
            {{ text_to_bigint('lines') }} as lines_in_file,
            {{ text_to_bigint('header') }} as header_lines,
            {{ text_to_bigint('blank') }} as blank_lines
        from files
    )

    select * from typed
{%- endmacro %}
