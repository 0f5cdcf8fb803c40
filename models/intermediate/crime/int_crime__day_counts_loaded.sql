{#- Of the superseded rows, those that are also published with an id are still at the source. -#}
{% set by = ['source_dataset', 'occurred_date'] %}

{{ counted_rows(by, {
    'rows_in_warehouse': rows_by(
        by, ref('int_crime__counts_by_month'), 'sum(crimes)', where="counted_by = 'day'"
    ),
    'rows_rejected': rows_by(by, ref('rejected_crimes')),
    'rows_superseded': rows_by(
        by, ref('superseded_crimes'), where="superseded_reason = 'published with an id'"
    ),
    'rows_deleted': rows_by(by, ref('deleted_crimes')),
}) }}
