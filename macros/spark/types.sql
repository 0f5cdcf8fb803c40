{# Spark's name of a type that a YAML file declares, for contracts and seeds. #}
{% macro spark_type(declared) -%}
    {%- set names = {'varchar': 'string', 'timestamp with time zone': 'timestamp'} -%}
    {{ return(names.get(declared | lower, declared)) }}
{%- endmacro %}


{# The columns of a contract, as a query without rows: what dbt compares a model with. #}
{% macro spark__get_empty_schema_sql(columns) %}
    select
        {%- for column in columns.values() %}
        cast(null as {{ spark_type(column.data_type) }}) as {{ column.name }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    where false
{% endmacro %}


{# dbt-spark's own, with the types that a seed's YAML declares by Spark's names. #}
{% macro spark__create_csv_table(model, agate_table) %}
    {%- set sql -%}
    create table {{ this }} (
        {%- for name in agate_table.column_names %}
        {{ name }} {{ seed_type(model, agate_table, name, loop.index0) }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    )
    {{ file_format_clause() }}
    {%- endset -%}
    {%- call statement('_') -%}{{ sql }}{%- endcall -%}
    {{ return(sql) }}
{% endmacro %}


{# The rows of a seed in a few statements: each insert commits files of its own. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(1000) -%}
        {%- set bindings = [] -%}
        {%- set sql -%}
        insert into {{ this }} values
        {%- for row in chunk %}
            {%- do bindings.extend(row) %}
            (
            {%- for name in agate_table.column_names -%}
                cast(%s as {{ seed_type(model, agate_table, name, loop.index0) }})
                {%- if not loop.last %}, {% endif %}
            {%- endfor -%}
            ){%- if not loop.last %},{% endif %}
        {%- endfor -%}
        {%- endset -%}
        {%- do adapter.add_query(sql, bindings=bindings, abridge_sql_log=True) -%}
        {%- do statements.append(sql) -%}
    {%- endfor -%}
    {{ return(statements | first) }}
{% endmacro %}


{# The type of a seed's column: what the YAML declares, or what dbt infers. #}
{% macro seed_type(model, agate_table, name, position) -%}
    {%- set declared = model['config'].get('column_types', {}).get(name) -%}
    {{ return(spark_type(declared) if declared else adapter.convert_type(agate_table, position)) }}
{%- endmacro %}
