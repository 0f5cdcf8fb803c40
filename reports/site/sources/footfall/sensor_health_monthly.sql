select
    store_name,
    sensor_id,
    month_start,
    readings_valid,
    readings_failed,
    readings_not_received,
    days_with_failures,
    failure_rate_pct,
    change_on_month_points,
    is_complete_month
from footfall.sensor_health_monthly
order by store_name, month_start, sensor_id
