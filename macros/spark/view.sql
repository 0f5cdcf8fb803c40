{# A view on Spark: dropped, then created. Replaced through Iceberg's session catalogue it would keep
   its first body, and dbt report success. Only models read views, and dbt builds those later. #}
{% materialization view, adapter='spark' -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set existing_relation = load_relation(this) -%}

    {{ run_hooks(pre_hooks) }}

    {%- if existing_relation is not none -%}
        {% do adapter.drop_relation(existing_relation) %}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ get_create_view_as_sql(target_relation, sql) }}
    {%- endcall -%}

    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
