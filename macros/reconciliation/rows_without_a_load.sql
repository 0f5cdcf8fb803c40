{# Rows of marts whose load is not in raw: the query of a test. Raw that was thrown away, or
   restored from a backup, leaves such rows in the marts; `warehouse build --full-refresh` removes
   them.

   loads: the domain's loads. marts: relations with a load_id, null for rows that no load brought.
   #}
{% macro rows_without_a_load(loads, marts) -%}
    with loads as (
        select load_id from {{ loads }}
    ),

    kept as (
        {%- for mart in marts %}
        select load_id from {{ mart }}
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    )

    select
        load_id,
        count(*) as rows_without_a_load
    from kept
    where load_id not in (select loads.load_id from loads)
    group by load_id
{%- endmacro %}
