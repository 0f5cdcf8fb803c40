with loads as (
    {{ union_domains(
        '{entity}_load_reconciliation',
        ['{data_set} as data_set', 'load_id', 'loaded_at', 'rows_received']
        + row_states()
        + ['deletions_received', 'rows_unaccounted']
    ) }}
)

select * from loads
