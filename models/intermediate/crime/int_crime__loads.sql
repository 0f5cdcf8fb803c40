{{ loads_received(
    rows=[
        rows_by(
            ['load_id', "'ijzp-q8t2' as source_dataset"], ref('stg_chicago_crime__crimes')
        ),
        rows_by(
            ['load_id', "'x2n5-8w5q' as source_dataset"],
            ref('stg_chicago_crime__crimes_last_year')
        ),
        rows_by(
            ['load_id', 'source_dataset'], ref('stg_chicago_crime__files'), rows=rows_in_files()
        ),
    ],
    deletions=rows_by(
        ['load_id', 'source_dataset'], ref('stg_chicago_crime__crime_deletions')
    ),
    by=['load_id', 'source_dataset']
) }}
