with loads as (
    {{ union_domains(
        '{entity}_load_reconciliation',
        ['load_id', '{data_set} as data_set', 'rows_received']
        + row_states()
        + ['deletions_received', 'rows_unaccounted', 'loaded_at']
    ) }}
)

select * from loads
