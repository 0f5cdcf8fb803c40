select
    month_start,
    crimes,
    arrests,
    arrest_rate_pct,
    crimes_per_day,
    crimes_previous_month,
    change_on_month_pct,
    change_on_month_per_day_pct,
    change_on_year_pct,
    change_on_year_per_day_pct,
    crimes_12_months,
    days_in_data,
    is_complete_month
from crime.crime_growth_by_month
order by month_start
