{{ stage_reconciliations(source('store_sensors', 'reconciliations')) }}
