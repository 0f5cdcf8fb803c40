{% set by = ['load_id', 'source_dataset'] %}

{{ load_reconciliation(
    loads=ref('int_crime__load_states'),
    by=by,
    counts={
        'rows_in_warehouse': rows_by(
            by, ref('int_crime__counts_by_month'), 'sum(crimes)', where="counted_by = 'load'"
        ),
        'rows_rejected': rows_by(by, ref('rejected_crimes')),
        'rows_superseded': rows_by(by, ref('superseded_crimes')),
        'rows_deleted': rows_by(by, ref('deleted_crimes')),
    },
    built_after=[ref('crime_changes'), ref('int_crime__arrest_changes')]
) }}
