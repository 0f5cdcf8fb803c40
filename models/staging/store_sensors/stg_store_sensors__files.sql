{{ stage_files(source('store_sensors', 'files')) }}
