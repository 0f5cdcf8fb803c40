-- Times as UTC without a zone: the database in the page knows no zones.
select
    load_id,
    rows_received,
    rows_in_traffic,
    rows_rejected,
    rows_superseded,
    rows_deleted,
    rows_unaccounted,
    loaded_at at time zone 'UTC' as loaded_at
from footfall.reading_load_reconciliation
order by loaded_at
