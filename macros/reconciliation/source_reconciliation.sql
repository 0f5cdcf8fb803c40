{# What a source counted in each period, as last asked: a query of (<part>, <period>, <measures>,
   checked_at). A count that did not change is not noted again, but the whole part may have been
   compared later. Rows without a time, or with one that is none, are counted under a null.

   counts: what was counted, with a row per part and period. reconciliations: when each part was
   compared. #}
{% macro counts_at_source(counts, reconciliations, part, period, measures=['rows_at_source']) -%}
    with counts as (
        select * from {{ counts }}
    ),

    reconciliations as (
        select * from {{ reconciliations }}
    ),

    final as (
        select
            counts.{{ part }},
            counts.{{ period }},
            {%- for measure in measures %}
            cast(sum(counts.{{ measure }}) as bigint) as {{ measure }},
            {%- endfor %}
            max(greatest(
                counts.checked_at,
                coalesce(reconciliations.reconciled_at, counts.checked_at)
            )) as checked_at
        from counts
        left join reconciliations on counts.{{ part }} = reconciliations.part
        group by counts.{{ part }}, counts.{{ period }}
    )

    select * from final
{%- endmacro %}


{# What a source counted in each period against what the warehouse has of it: the query of a mart
   <entity>_source_reconciliation. Rows without a time have a row of their own in each part, whose
   period is null, where the source or the warehouse has such rows.

   at_source: a model of counts_at_source(). loaded: a model of counted_rows() by the same columns.
   by: part and period. period_type: the type of the period. totals: what the source counts besides rows, such as ['visits']; where it
   counts no rows, `has_difference` goes by these. #}
{% macro source_reconciliation(at_source, loaded, by, period_type='date', totals=[]) -%}
    {%- set part, period = by -%}
    with counted as (
        select * from {{ at_source }}
    ),

    loaded as (
        select * from {{ loaded }}
    ),

    -- The source counted no rows without a time, and the warehouse has some.
    uncounted as (
        select
            {{ part }},
            cast(null as {{ period_type }}) as {{ period }},
            case when count(rows_at_source) > 0 then cast(0 as bigint) end as rows_at_source,
            {%- for total in totals %}
            cast(0 as bigint) as {{ total }}_at_source,
            {%- endfor %}
            max(checked_at) as checked_at
        from {{ at_source }}
        where
            {{ part }} in (
                select without_time.{{ part }} from {{ loaded }} as without_time
                where without_time.{{ period }} is null
            )
        group by {{ part }}
        having count(*) = count({{ period }})
    ),

    at_source as (
        select
            {{ part }},
            {{ period }},
            rows_at_source,
            {%- for total in totals %}
            {{ total }}_at_source,
            {%- endfor %}
            checked_at
        from counted

        union all

        select * from uncounted
    ),

    compared as (
        select
            {%- for column in by %}
            at_source.{{ column }},
            {%- endfor %}
            at_source.rows_at_source,
            {%- for name in row_states() %}
            coalesce(loaded.{{ name }}, 0) as {{ name }},
            {%- endfor %}
            {%- for total in totals %}
            at_source.{{ total }}_at_source,
            coalesce(loaded.{{ total }}_in_warehouse, 0) as {{ total }}_in_warehouse,
            {%- endfor %}
            at_source.checked_at
        from at_source
        left join loaded
            on
                at_source.{{ part }} = loaded.{{ part }}
                and at_source.{{ period }} is not distinct from loaded.{{ period }}
    ),

    differences as (
        select
            *,
            rows_at_source - rows_in_warehouse - rows_rejected - rows_superseded as difference
            {%- for total in totals %},
            {{ total }}_at_source - {{ total }}_in_warehouse as {{ total }}_difference
            {%- endfor %}
        from compared
    ),

    final as (
        select
            {{ by | join(',\n            ') }},
            rows_at_source,
            {{ row_states() | join(',\n            ') }},
            difference,
            {%- for total in totals %}
            {{ total }}_at_source,
            {{ total }}_in_warehouse,
            {{ total }}_difference,
            {%- endfor %}
            {%- if totals %}
            coalesce(difference, {{ totals | join('_difference, ') }}_difference) != 0
            {%- else %}
            difference != 0
            {%- endif %} as has_difference,
            checked_at
        from differences
    )

    select * from final
{%- endmacro %}
