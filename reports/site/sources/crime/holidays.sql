select
    holiday_name,
    holiday_year,
    holiday_date,
    weekday_name,
    crimes,
    comparison_days,
    comparison_mean,
    comparison_min,
    comparison_max,
    comparison_stddev,
    difference,
    difference_pct
from crime.crime_by_holiday
order by holiday_date, holiday_name
