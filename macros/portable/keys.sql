{# A text key of several columns: joined by '|', a null as '∅', so that null and '' differ. #}
{% macro surrogate_key(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(cast({{ column }} as string), '∅')
        {%- if not loop.last %} || '|' || {% endif %}
        {%- endfor %}
    )
{%- endmacro %}


{# A positive bigint (60 bits) of a text: for keys that must be numbers where the source has none.
   #}
{% macro hash_to_bigint(text) -%}
    {{ return(adapter.dispatch('hash_to_bigint')(text)) }}
{%- endmacro %}

{% macro default__hash_to_bigint(text) -%}
    cast('0x' || substr(md5({{ text }}), 1, 15) as bigint)
{%- endmacro %}

{% macro spark__hash_to_bigint(text) -%}
    cast(conv(substr(md5({{ text }}), 1, 15), 16, 10) as bigint)
{%- endmacro %}
