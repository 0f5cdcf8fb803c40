select
    load_id,
    rows_received,
    rows_in_fact,
    rows_rejected,
    rows_unaccounted,
    loaded_at
from education.submission_load_reconciliation
order by loaded_at
