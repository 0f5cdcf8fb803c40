-- Times as UTC without a zone: the database in the page knows no zones.
select
    load_id,
    rows_received,
    rows_in_fact,
    rows_rejected,
    rows_deleted,
    rows_unaccounted,
    loaded_at at time zone 'UTC' as loaded_at
from education.submission_load_reconciliation
order by loaded_at
