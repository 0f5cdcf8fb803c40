select
    store_name,
    visits,
    days_measured,
    visits_per_measured_day,
    readings_expected,
    readings_valid,
    coverage_pct,
    change_on_month_pct,
    change_on_year_pct,
    is_complete_month,
    month_start
from footfall.store_trend_monthly
order by store_name, month_start
