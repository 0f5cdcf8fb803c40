{{ stage_reconciliations(source('pisa', 'reconciliations')) }}
