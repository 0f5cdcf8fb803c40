{{ stage_origins(source('pisa', 'origins')) }}
