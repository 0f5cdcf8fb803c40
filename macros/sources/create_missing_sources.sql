{# Creates empty raw tables for sources that were never loaded, so that a build works without them.
   They have the columns that the source's YAML declares, all text, as raw tables have. A later load
   fills them; existing tables are not changed. Marts of the previous build are sources, too, and
   are not created here.

   On Spark raw lies in the lake: see macros/spark/lake.sql. #}
{% macro create_missing_sources() -%}
    {%- if execute -%}
        {%- for source in graph.sources.values() | sort(attribute='relation_name') %}
            {%- if source.schema.startswith('raw_') -%}
                {%- set columns = source.columns.values() | map(attribute='name') | list -%}
                {%- if not columns -%}
                    {% do exceptions.raise_compiler_error(
                        source.unique_id ~ ' declares no columns: name them in its sources YAML'
                    ) %}
                {%- endif -%}
                {%- set relation = api.Relation.create(
                    source.database, source.schema, source.identifier
                ) -%}
                {%- do run_query(
                    'create schema if not exists ' ~ relation.without_identifier()
                ) -%}
                {%- do adapter.dispatch('create_source')(
                    relation, columns, source.config.get('meta', {}).get('key')
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__create_source(relation, columns, key) -%}
    {%- do run_query(
        'create table if not exists ' ~ relation ~ ' (' ~ columns | join(' varchar, ') ~ ' varchar)'
    ) -%}
{%- endmacro %}
