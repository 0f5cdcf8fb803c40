{# Incremental strategy `replace_touched`: what the build looked at again is taken out, and put back
   as it is now. Unlike delete+insert it also takes out keys that have nothing to put back, such as
   a crime that is gone at the source.

   The model names the relation of touched keys in its config: meta: {touched_in: <model>}, and its
   key as unique_key. #}
{% macro get_incremental_replace_touched_sql(arg_dict) %}
    {{ return(adapter.dispatch('get_incremental_replace_touched_sql')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_replace_touched_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | join(', ') -%}
    {%- set unique_key = arg_dict['unique_key'] -%}
    {%- set key = ([unique_key] if unique_key is string else unique_key) | join(', ') -%}

    delete from {{ arg_dict['target_relation'] }}
    where ({{ key }}) in (select {{ key }} from {{ ref(config.get('meta')['touched_in']) }});

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
