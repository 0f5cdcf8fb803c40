select
    primary_type,
    month_start,
    crimes,
    arrests,
    is_complete_month
from crime.crime_by_type_monthly
order by primary_type, month_start
