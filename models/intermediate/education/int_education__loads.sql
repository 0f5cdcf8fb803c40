{{ loads_received(
    rows=[
        rows_by(['load_id'], ref('stg_pisa__responses')),
        rows_by(['load_id'], ref('stg_pisa__files'), rows=rows_in_files()),
    ],
    deletions=rows_by(['load_id'], ref('stg_pisa__response_deletions'))
) }}
