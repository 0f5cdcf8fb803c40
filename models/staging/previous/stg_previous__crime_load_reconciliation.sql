with previous as (
    {{ previous_rows(source('previous_crime', 'crime_load_reconciliation'), {
        'load_id': 'string',
        'rows_unaccounted': 'bigint'
    }) | indent(4) }}
)

select * from previous
