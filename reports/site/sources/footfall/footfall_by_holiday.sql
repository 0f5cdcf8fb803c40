select
    store_name,
    holiday_name,
    holiday_date,
    day_status,
    visits,
    comparison_days,
    comparison_mean,
    difference_pct,
    coverage_pct
from footfall.footfall_by_holiday
order by holiday_date, store_name, holiday_name
