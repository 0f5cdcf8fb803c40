{# What each load brought: a query of (<by>, rows_received, deletions_received).

   rows, deletions: queries of rows_by(). by: the columns of the grain, load_id first. #}
{% macro loads_received(rows, deletions, by=['load_id']) -%}
    with received as (
        {%- for query in rows %}
        select
            counted.*,
            'row' as kind
        from (
            {{ query | indent(8) }}
        ) as counted

        union all
        {% endfor %}
        select
            counted.*,
            'deletion' as kind
        from (
            {{ deletions | indent(8) }}
        ) as counted
    ),

    final as (
        select
            {{ by | join(',\n            ') }},
            cast(sum(case when kind = 'row' then row_count else 0 end) as bigint)
                as rows_received,
            cast(sum(case when kind = 'deletion' then row_count else 0 end) as bigint)
                as deletions_received
        from received
        group by {{ by | join(', ') }}
    )

    select * from final
{%- endmacro %}


{# Rows received from files: their lines as counted before they were parsed. #}
{% macro rows_in_files() -%}
    sum(lines_in_file - header_lines - blank_lines)
{%- endmacro %}
