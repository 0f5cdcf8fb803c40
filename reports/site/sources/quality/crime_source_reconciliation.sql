-- Times as UTC without a zone: the database in the page knows no zones.
select
    source_dataset,
    rows_at_source,
    crimes,
    rows_rejected,
    rows_known_with_id,
    difference,
    occurred_date,
    checked_at at time zone 'UTC' as checked_at
from crime.crime_source_reconciliation
order by source_dataset, occurred_date
