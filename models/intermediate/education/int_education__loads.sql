{{ loads_received(
    rows=[
        rows_by(['load_id'], ref('stg_pisa__responses')),
        rows_by(['load_id'], ref('stg_pisa__file_students')),
    ],
    deletions=rows_by(['load_id'], ref('stg_pisa__response_deletions'))
) }}
