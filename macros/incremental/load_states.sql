{# Which loads this build has to read: a query of (load_id, <the columns of loads>, load_state).

   `built`: the previous build accounts for every row of it. `affected`: this build reads it.
   `pending`: a later build does, because a build reads at most rows_per_increment() rows, but at
   least one load. Loads are compared as sets, not by time: this is right when a build ended half-way,
   and in a bare `dbt build`.

   loads: a relation of load_id, rows_received and more, with a row per load or part of it.
   previous_loads: load_id and rows_unaccounted of the domain's load reconciliation, as the previous
   build wrote it. #}
{% macro load_states(loads, previous_loads) -%}
    with loads as (
        select * from {{ loads }}
    ),

    built as (
        select load_id
        from {{ previous_loads }}
        group by load_id
        having max(abs(rows_unaccounted)) = 0
    ),

    unaccounted as (
        select
            load_id,
            cast(sum(rows_received) as bigint) as rows_received
        from loads
        where load_id not in (select built.load_id from built)
        group by load_id
    ),

    ordered as (
        select
            load_id,
            sum(rows_received) over (order by load_id asc) - rows_received as rows_before
        from unaccounted
    ),

    final as (
        select
            loads.*,
            case
                when ordered.load_id is null then 'built'
                {%- if rows_per_increment() is not none %}
                when ordered.rows_before >= {{ rows_per_increment() }} then 'pending'
                {%- endif %}
                else 'affected'
            end as load_state
        from loads
        left join ordered on loads.load_id = ordered.load_id
    )

    select * from final
{%- endmacro %}


{# How many rows of new loads a build reads; all of them where it is none. `warehouse build` sets it
   to bound the memory, and builds again while loads are pending. #}
{% macro rows_per_increment() -%}
    {%- set rows = env_var('WAREHOUSE_ROWS_PER_INCREMENT', '') -%}
    {{ return(rows | int if rows else none) }}
{%- endmacro %}
