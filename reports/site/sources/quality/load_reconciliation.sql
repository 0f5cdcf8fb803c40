-- Times as UTC without a zone: the database in the page knows no zones.
select
    domain,
    load_id,
    data_set,
    rows_received,
    rows_in_warehouse,
    rows_rejected,
    rows_superseded,
    rows_deleted,
    rows_unaccounted,
    loaded_at at time zone 'UTC' as loaded_at
from core.load_reconciliation
order by loaded_at, domain, data_set
