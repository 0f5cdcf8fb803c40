{{ stage_files(source('pisa', 'files')) }}
