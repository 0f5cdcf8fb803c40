-- Times as UTC without a zone: the database in the page knows no zones.
select
    submissions,
    hour_start at time zone 'UTC' as hour_start
from education.submissions_by_hour
order by hour_start
