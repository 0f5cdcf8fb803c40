{#- A submission that was edited in its database replaces the row in raw: only lines of files are
    superseded. -#}
{% set by = ['load_id'] %}

{{ load_reconciliation(
    loads=ref('int_education__load_states'),
    by=by,
    counts={
        'rows_in_warehouse': rows_by(by, ref('fct_student_submissions')),
        'rows_rejected': rows_by(by, ref('rejected_submissions')),
        'rows_superseded': rows_by(by, ref('superseded_submissions')),
        'rows_deleted': rows_by(by, ref('deleted_submissions')),
    },
    built_after=[
        ref('int_education__replicate_sums'),
        ref('int_education__achievement_estimates'),
        ref('non_response_by_country'),
    ]
) }}
