{{ counts_at_source(
    counts=ref('stg_pisa__hour_counts'),
    reconciliations=ref('stg_pisa__reconciliations'),
    part='country_code',
    period='hour_start'
) }}
