{{ counts_at_source(
    counts=ref('stg_store_sensors__day_counts'),
    reconciliations=ref('stg_store_sensors__reconciliations'),
    part='store_name',
    period='traffic_date',
    measures=['rows_at_source', 'visits_at_source']
) }}
