{{ counts_at_source(
    counts=ref('stg_chicago_crime__day_counts'),
    reconciliations=ref('stg_chicago_crime__reconciliations'),
    part='source_dataset',
    period='occurred_date'
) }}
