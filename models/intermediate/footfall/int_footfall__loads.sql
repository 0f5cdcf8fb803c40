{{ loads_received(
    rows=[
        rows_by(['load_id', "'api' as reading_source"], ref('stg_store_sensors__readings')),
        rows_by(
            ['load_id', "'file' as reading_source"],
            ref('stg_store_sensors__files'),
            rows=rows_in_files()
        ),
    ],
    deletions=rows_by(
        ['load_id', "'api' as reading_source"], ref('stg_store_sensors__reading_deletions')
    ),
    by=['load_id', 'reading_source']
) }}
