-- Times as UTC without a zone: the database in the page knows no zones.
select
    source_name,
    part,
    periods,
    periods_that_differ,
    periods_read_again,
    rows_at_source,
    rows_in_warehouse,
    rows_rejected,
    rows_superseded,
    rows_deleted,
    difference,
    checked_at at time zone 'UTC' as checked_at,
    reconciled_at at time zone 'UTC' as reconciled_at
from core.source_reconciliation
order by source_name, part
