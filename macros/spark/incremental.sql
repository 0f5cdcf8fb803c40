{# dbt-spark knows the names of its own incremental strategies only: these two macros are its way to
   SQL, and let `replace_affected` in. See macros/incremental/replace_affected.sql. #}


{% macro dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format) %}
    {%- if raw_strategy not in ['append', 'replace_affected'] -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ': no incremental strategy ' ~ raw_strategy ~ ' on Spark'
        ) }}
    {%- endif -%}
    {{ return(raw_strategy) }}
{% endmacro %}


{% macro dbt_spark_get_incremental_sql(
    strategy, source, target, existing, unique_key, incremental_predicates
) %}
    {%- if strategy == 'append' -%}
    {{ get_insert_into_sql(source, target) }}
    {%- else -%}
    {{ get_incremental_replace_affected_sql({
        'temp_relation': source,
        'target_relation': target,
        'dest_columns': adapter.get_columns_in_relation(target),
        'unique_key': unique_key
    }) }}
    {%- endif -%}
{% endmacro %}
