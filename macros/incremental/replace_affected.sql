{# Incremental strategy `replace_affected`: the rows of every affected key are deleted, and its
   current rows inserted. Unlike delete+insert it also deletes keys that no longer have a row, such
   as a crime that was deleted at the source.

   The model ends with rows_of_affected(), which returns at least one row for each affected key. A
   key that no longer has a row has nulls in all other columns, by which it is recognised: also in
   those that the model's YAML declares not null. #}
{% macro get_incremental_replace_affected_sql(arg_dict) %}
    {{ return(adapter.dispatch('get_incremental_replace_affected_sql')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_replace_affected_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | join(', ') -%}
    {%- set unique_key = arg_dict['unique_key'] -%}
    {%- set key = [unique_key] if unique_key is string else unique_key -%}

    delete from {{ arg_dict['target_relation'] }}
    where ({{ key | join(', ') }}) in (
        select {{ key | join(', ') }} from {{ arg_dict['temp_relation'] }}
    );

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
    where {{ column_never_null(key) }} is not null;
{% endmacro %}


{# One MERGE, because a statement is what Iceberg commits at once. Each new row comes twice: without
   `is_row` it removes what the table has of its key, with it it matches nothing and is inserted. #}
{% macro spark__get_incremental_replace_affected_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | list -%}
    {%- set unique_key = arg_dict['unique_key'] -%}
    {%- set key = [unique_key] if unique_key is string else unique_key -%}

    merge into {{ arg_dict['target_relation'] }} as existing
    using (
        select
            {{ columns | join(', ') }},
            explode(array(false, true)) as is_row
        from {{ arg_dict['temp_relation'] }}
    ) as affected
        on
            not affected.is_row
            {%- for column in key %}
            and existing.{{ column }} = affected.{{ column }}
            {%- endfor %}
    when matched then delete
    when not matched and affected.is_row and affected.{{ column_never_null(key) }} is not null
        then insert ({{ columns | join(', ') }})
        values (affected.{{ columns | join(', affected.') }})
{% endmacro %}


{# A column outside the key that the model's YAML declares not null. #}
{% macro column_never_null(key) -%}
    {%- for column in model.columns.values() if column.name not in key -%}
        {%- for constraint in column.constraints if constraint.type == 'not_null' -%}
            {{ return(column.name) }}
        {%- endfor -%}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error(
        model.name ~ ' needs a column outside its key with the constraint not_null'
    ) }}
{%- endmacro %}


{# The rows of each affected key, with nulls for a key that no longer has a row; in a first build,
   all rows. #}
{% macro rows_of_affected(keys, rows, key) -%}
    {%- if is_incremental() -%}
    select * from {{ keys }}
    left join {{ rows }} using ({{ key | join(', ') }})
    {%- else -%}
    select * from {{ rows }}
    {%- endif %}
{%- endmacro %}
