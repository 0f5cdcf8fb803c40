select
    district_id as district,
    month_start,
    crimes,
    arrests,
    arrest_rate_pct,
    change_on_month_pct,
    change_on_year_pct,
    is_complete_month
from crime.crime_by_district
order by district_id, month_start
