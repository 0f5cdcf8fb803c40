{{ stage_origins(source('chicago_crime', 'origins')) }}
