{# dbt's own, but a statement that defines something is not asked for rows: PyHive has none to give
   and fails. dbt's unit tests create a view in this way. #}
{% macro run_query(sql) %}
    {%- set has_rows = target.type != 'spark' or not (sql | trim | lower).startswith('create ') -%}
    {% call statement('run_query_statement', fetch_result=has_rows, auto_begin=false) %}
        {{ sql }}
    {% endcall %}
    {% do return(load_result('run_query_statement').table) %}
{% endmacro %}
