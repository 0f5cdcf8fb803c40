{# Select items that make a row of each of several columns: `number` counts them from 0, `value` is
   the column's. #}
{% macro columns_as_rows(columns, number, value) -%}
    {{ return(adapter.dispatch('columns_as_rows')(columns, number, value)) }}
{%- endmacro %}

{% macro default__columns_as_rows(columns, number, value) -%}
    unnest(range(0, {{ columns | length }})) as {{ number }},
        unnest([{{ columns | join(', ') }}]) as {{ value }}
{%- endmacro %}

{% macro spark__columns_as_rows(columns, number, value) -%}
    stack(
        {{ columns | length }}
        {%- for column in columns %}, {{ loop.index0 }}, {{ column }}{% endfor -%}
    ) as ({{ number }}, {{ value }})
{%- endmacro %}


{# A select item that makes a row of each whole number from one to another, both included. #}
{% macro every_number(first_number, last_number) -%}
    {{ return(adapter.dispatch('every_number')(first_number, last_number)) }}
{%- endmacro %}

{% macro default__every_number(first_number, last_number) -%}
    unnest(generate_series({{ first_number }}, {{ last_number }}))
{%- endmacro %}

{% macro spark__every_number(first_number, last_number) -%}
    explode(sequence({{ first_number }}, {{ last_number }}))
{%- endmacro %}
