{#- Rows of files are left out. Of the portal's superseded rows, those are still at the source that
    are also published with an id, or have a newer version in a file. -#}
{% set by = ['source_dataset', 'occurred_date'] %}

{{ counted_rows(by, {
    'rows_in_warehouse': rows_by(
        by, ref('int_crime__counts_by_month'), 'sum(crimes)',
        where="counted_by = 'day' and not is_from_file"
    ),
    'rows_rejected': rows_by(by, ref('rejected_crimes'), where='file_name is null'),
    'rows_superseded': rows_by(
        by, ref('superseded_crimes'), where=(
            "file_name is null"
            ~ " and superseded_reason in ('published with an id', 'replaced by a file')"
        )
    ),
    'rows_deleted': rows_by(by, ref('deleted_crimes')),
}) }}
