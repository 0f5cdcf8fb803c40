{# The raw tables of the lake, registered anew with each build: a table of the Parquet files, and a
   view of the rows that count. A row counts if the record of a load names its file, and if no newer
   load has its key: the rows that raw.duckdb has. Without files a table is empty.

   key: the columns of the key, `meta.key` in the source's YAML; without one every row counts. #}
{% macro spark__create_source(relation, columns, key) -%}
    {%- set folder = env_var('WAREHOUSE_LAKE') ~ '/raw/' ~ relation.schema -%}
    {%- set files = relation.incorporate(path={'identifier': relation.identifier ~ '__files'}) -%}
    {%- set loads = relation.incorporate(path={'identifier': 'loads__files'}) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append(adapter.quote(column) ~ ' string') -%}
    {%- endfor -%}
    {%- do register_files(files, texts, 'parquet', folder ~ '/' ~ relation.identifier) -%}
    {%- if key -%}
        {%- do register_files(
            loads, ['files array<struct<path string>>'], 'json', folder ~ '/_dlt_loads'
        ) -%}
    {%- endif -%}
    {% call statement() %}drop view if exists {{ relation }}{% endcall %}
    {% call statement() %}
    create view {{ relation }} as
    {%- if key %}
    select {{ columns | join(', ') }}
    from (
        select
            *,
            row_number() over (partition by {{ key | join(', ') }} order by _dlt_load_id desc)
                as version
        from {{ files }}
        where concat('{{ relation.identifier }}/', _metadata.file_name) in (
            select file.path from (select explode(files) as file from {{ loads }})
        )
    )
    where version = 1
    {%- else %}
    select * from {{ files }}
    {%- endif %}
    {% endcall %}
{%- endmacro %}


{# A table of the files of a folder. #}
{% macro register_files(relation, columns, format, folder) -%}
    {% call statement() %}drop table if exists {{ relation }}{% endcall %}
    {% call statement() %}
    create table {{ relation }} ({{ columns | join(', ') }})
    using {{ format }} location '{{ folder }}'
    {% endcall %}
{%- endmacro %}
