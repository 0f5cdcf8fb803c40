select
    primary_type,
    month_start,
    cast(crimes as integer) as crimes,
    cast(arrests_at_first as integer) as arrests_at_first,
    cast(no_arrest_at_first as integer) as no_arrest_at_first,
    cast(arrests_later as integer) as arrests_later,
    cast(no_arrest_yet as integer) as no_arrest_yet,
    arrests_later * mean_days_to_arrest as days_to_arrest,
    max_days_to_arrest,
    first_load_date
from crime.crime_arrest_lag
where crimes > 0
order by primary_type, month_start
