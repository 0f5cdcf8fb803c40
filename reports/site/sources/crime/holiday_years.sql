select
    year,
    is_holiday,
    days,
    crimes,
    arrest_rate_pct,
    mean_crimes_per_day,
    mean_crimes_same_weekdays,
    difference_pct
from crime.holiday_vs_non_holiday
order by year, is_holiday
