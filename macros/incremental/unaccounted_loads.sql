{# The dlt loads that the marts do not account for yet, as a query of one column, load_id.

   `crime_load_reconciliation`, built last, lists each load with the rows that came of it. What it
   does not list, or lists with a difference, is read again. A set difference and no "newer than":
   it holds when clocks run backwards, when a build ended half-way, and on a bare `dbt build`.
   There is no ref(): the table as the previous build left it is meant, and a ref would be a cycle. #}
{% macro unaccounted_loads(loads) -%}
    select loads.load_id
    from {{ loads }} as loads
    {%- if is_touched_build() %}
    where loads.load_id not in (
        select accounted.load_id
        from {{ reconciliation_relation() }} as accounted
        group by accounted.load_id
        having max(abs(accounted.rows_unaccounted)) = 0
    )
    {%- endif %}
{%- endmacro %}


{# False in the first build and in a full refresh, where every crime is read. #}
{% macro is_touched_build() -%}
    {{ return(execute and not flags.FULL_REFRESH and reconciliation_relation() is not none) }}
{%- endmacro %}


{% macro reconciliation_relation() -%}
    {{ return(adapter.get_relation(target.database, 'crime', 'crime_load_reconciliation')) }}
{%- endmacro %}
