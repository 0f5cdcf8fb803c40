{{ stage_reconciliations(source('chicago_crime', 'reconciliations')) }}
