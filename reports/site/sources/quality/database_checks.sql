-- Times as UTC without a zone: the database in the page knows no zones.
select
    country_code,
    outcome,
    rows_at_source,
    rows_in_warehouse,
    rows_rejected,
    rows_missing,
    is_reached,
    checked_at at time zone 'UTC' as checked_at
from education.database_checks
order by country_code
