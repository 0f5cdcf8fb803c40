{# Select items that make a row of each part of a text between separators: `number` counts them from
   0, `part` is the text. separator: one character. #}
{% macro parts_as_rows(text, separator, number, part) -%}
    {{ return(adapter.dispatch('parts_as_rows')(text, separator, number, part)) }}
{%- endmacro %}

{% macro default__parts_as_rows(text, separator, number, part) -%}
    unnest(range(0, len(string_split({{ text }}, '{{ separator }}')))) as {{ number }},
        unnest(string_split({{ text }}, '{{ separator }}')) as {{ part }}
{%- endmacro %}

{% macro spark__parts_as_rows(text, separator, number, part) -%}
    posexplode(split({{ text }}, '[{{ separator }}]')) as ({{ number }}, {{ part }})
{%- endmacro %}
