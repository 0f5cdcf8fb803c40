{{ source_reconciliation(
    at_source=ref('int_footfall__day_counts_at_source'),
    loaded=ref('int_footfall__day_counts_loaded'),
    by=['store_name', 'traffic_date'],
    totals=['visits']
) }}
