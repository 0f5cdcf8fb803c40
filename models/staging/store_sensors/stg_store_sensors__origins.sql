{{ stage_origins(source('store_sensors', 'origins')) }}
