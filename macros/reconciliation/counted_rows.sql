{# How many rows of a relation there are by some columns: a query of (<by>, <sums>, row_count).

   by: columns, or constants with a name. rows: what to count; sums: other totals by name, such as
   {'visits': 'sum(visits)'}; where: a condition on the rows. #}
{% macro rows_by(by, relation, rows='count(*)', where=none, sums={}) -%}
    select
        {{ by | join(',\n        ') }},
        {%- for name, total in sums.items() %}
        cast({{ total }} as bigint) as {{ name }},
        {%- endfor %}
        cast({{ rows }} as bigint) as row_count
    from {{ relation }}
    {%- if where %}
    where {{ where }}
    {%- endif %}
    group by all
{%- endmacro %}


{# Where rows are: a query of (<by>, rows_in_warehouse, rows_rejected, rows_superseded,
   rows_deleted, <sums>), 0 where there is none.

   counts: a query of rows_by() for each of these four; one that an entity cannot have is left out.
   sums: names of the other totals that each of the queries has. #}
{% macro counted_rows(by, counts, sums=[]) -%}
    select
        {{ by | join(',\n        ') }},
        {%- for name in row_states() %}
        cast(sum(case when row_state = '{{ name }}' then row_count else 0 end) as bigint)
            as {{ name }}
        {%- if not loop.last or sums %},{% endif %}
        {%- endfor %}
        {%- for name in sums %}
        cast(sum({{ name }}) as bigint) as {{ name }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from (
        {%- for name, query in counts.items() %}
        select
            '{{ name }}' as row_state,
            counted.*
        from (
            {{ query | indent(8) }}
        ) as counted
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    ) as counts
    group by {{ by | join(', ') }}
{%- endmacro %}


{# Every row received is in one of these states: in the entity's fact, rejected, superseded by
   another row, or deleted at the source. #}
{% macro row_states() -%}
    {{ return(['rows_in_warehouse', 'rows_rejected', 'rows_superseded', 'rows_deleted']) }}
{%- endmacro %}
