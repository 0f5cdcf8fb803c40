{# The dlt loads that the marts do not account for yet, as a query of one column, load_id.

   Each domain has a load reconciliation, `<schema>.<mart>`, built last: it lists each load with the
   rows that came of it. What it does not list, or lists with a difference, is read again. A set
   difference and no "newer than": it holds when clocks run backwards, when a build ended half-way,
   and on a bare `dbt build`. #}
{% macro unaccounted_loads(loads, reconciliation) -%}
    select loads.load_id
    from {{ loads }} as loads
    {%- if is_touched_build(reconciliation) %}
    where loads.load_id not in (
        select accounted.load_id
        from {{ relation_left(reconciliation) }} as accounted
        group by accounted.load_id
        having max(abs(accounted.rows_unaccounted)) = 0
    )
    {%- endif %}
{%- endmacro %}


{# False in the first build of a domain and in a full refresh, where every row is read. #}
{% macro is_touched_build(reconciliation) -%}
    {{ return(
        execute and not flags.FULL_REFRESH and relation_left(reconciliation) is not none
    ) }}
{%- endmacro %}


{# A mart, `<schema>.<name>`, as the previous build left it; none where there was none. There is no
   ref(): the marts that are built later are meant, and a ref to them would be a cycle. #}
{% macro relation_left(mart) -%}
    {%- set schema, name = mart.split('.') -%}
    {{ return(adapter.get_relation(target.database, schema, name) if execute else none) }}
{%- endmacro %}
