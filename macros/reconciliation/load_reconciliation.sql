{# Where the rows of each load are: the query of a mart <entity>_load_reconciliation.

   loads: the domain's load states. counts: see counted_rows(). by: the columns of the grain,
   load_id first. built_after: other models that loads are built into; see is_built_after(). #}
{% macro load_reconciliation(loads, counts, by=['load_id'], built_after=[]) -%}
    with loads as (
        select
            {{ by | join(',\n            ') }},
            cast(sum(rows_received) as bigint) as rows_received,
            cast(sum(deletions_received) as bigint) as deletions_received
        from {{ loads }}
        where
            load_state != 'pending'
            {%- if built_after %}
            and {{ is_built_after(built_after) }}
            {%- endif %}
        group by {{ by | join(', ') }}
    ),

    counted as (
        {{ counted_rows(by, counts) | indent(4) }}
    ),

    final as (
        select
            {%- for column in by %}
            loads.{{ column }},
            {%- endfor %}
            {{ epoch_text_to_utc('loads.load_id') }} as loaded_at,
            loads.rows_received,
            {%- for name in row_states() %}
            coalesce(counted.{{ name }}, 0) as {{ name }},
            {%- endfor %}
            loads.deletions_received,
            loads.rows_received
            {%- for name in row_states() %}
            - coalesce(counted.{{ name }}, 0)
            {%- endfor %} as rows_unaccounted
        from loads
        left join counted on {{ equal_columns('loads', 'counted', by) }}
    )

    select * from final
{%- endmacro %}


{# The condition that two relations have the same values in some columns. #}
{% macro equal_columns(one, other, columns) -%}
    {%- for column in columns -%}
    {{ one }}.{{ column }} = {{ other }}.{{ column }}{% if not loop.last %} and {% endif %}
    {%- endfor -%}
{%- endmacro %}
