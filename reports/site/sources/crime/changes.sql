select
    changed_field,
    cast(date_trunc('week', changed_at at time zone 'UTC') as date) as changed_week,
    cast(count(*) as integer) as changes,
    cast(count(distinct crime_id) as integer) as crimes
from crime.crime_changes
group by all
order by changed_week, changed_field
