-- Times as UTC without a zone: the database in the page knows no zones.
select
    submissions,
    first_submitted_at at time zone 'UTC' as first_submitted_at,
    last_submitted_at at time zone 'UTC' as last_submitted_at
from education.submissions_total
