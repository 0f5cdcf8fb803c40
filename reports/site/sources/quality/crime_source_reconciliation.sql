select
    source_dataset,
    rows_at_source,
    crimes,
    rows_rejected,
    rows_known_with_id,
    difference,
    occurred_date,
    checked_at
from crime.crime_source_reconciliation
order by source_dataset, occurred_date
