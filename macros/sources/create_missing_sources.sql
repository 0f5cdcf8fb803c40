{# Makes the raw tables of sources that were never loaded, empty, so that a build needs no source to
   be there. The columns are those that the source's YAML declares, all text, as raw is. A load
   finds such a table and fills it; one that is there already stays as it is. Marts of the previous
   build are sources too, and are left to the build. #}
{% macro create_missing_sources() -%}
    {%- if execute -%}
        {%- set raw_sources = graph.sources.values() | selectattr('database', 'equalto', 'raw') %}
        {%- for source in raw_sources | sort(attribute='relation_name') %}
            {%- set columns = source.columns.values() | map(attribute='name') | list -%}
            {%- if not columns -%}
                {% do exceptions.raise_compiler_error(
                    source.unique_id ~ ' declares no columns: name them in its sources YAML'
                ) %}
            {%- endif -%}
            {%- set relation = api.Relation.create(
                source.database, source.schema, source.identifier
            ) -%}
            {%- do run_query('create schema if not exists ' ~ relation.without_identifier()) -%}
            {%- do run_query(
                'create table if not exists ' ~ relation
                ~ ' (' ~ columns | join(' varchar, ') ~ ' varchar)'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
