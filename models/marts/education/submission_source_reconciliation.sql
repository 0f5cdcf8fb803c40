{{ source_reconciliation(
    at_source=ref('int_education__hour_counts_at_source'),
    loaded=ref('int_education__hour_counts_loaded'),
    by=['country_code', 'hour_start'],
    period_type=type_instant()
) }}
