select
    store_name,
    visits,
    visits_estimated,
    visits_estimated_low,
    visits_estimated_high,
    estimated_pct,
    days_measured,
    visits_per_measured_day,
    days_open,
    visits_per_open_day,
    readings_expected,
    readings_valid,
    coverage_pct,
    open_readings_expected,
    open_readings_valid,
    coverage_open_pct,
    change_on_month_pct,
    change_on_year_pct,
    is_complete_month,
    month_start
from footfall.store_trend_monthly
order by store_name, month_start
