{{ stage_files('(' ~ crime_files() ~ ') as crime_files', more=['source_dataset']) }}
