{{ source_reconciliation(
    at_source=ref('int_crime__day_counts_at_source'),
    loaded=ref('int_crime__day_counts_loaded'),
    by=['source_dataset', 'occurred_date']
) }}
