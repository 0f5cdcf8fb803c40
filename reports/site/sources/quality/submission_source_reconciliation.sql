select
    country_code,
    outcome,
    rows_at_source,
    rows_in_warehouse,
    rows_missing,
    is_reached,
    checked_at
from education.submission_source_reconciliation
order by country_code
