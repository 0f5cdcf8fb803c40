select
    store_name,
    holiday_name,
    holiday_date,
    day_status,
    visits_estimated,
    comparison_days,
    comparison_mean_estimated,
    difference_estimated_pct,
    coverage_pct
from footfall.footfall_by_holiday
order by holiday_date, store_name, holiday_name
