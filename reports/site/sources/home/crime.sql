select
    month_start,
    crimes,
    arrests,
    arrest_rate_pct,
    change_on_month_per_day_pct,
    is_complete_month
from crime.crime_growth_by_month
order by month_start
