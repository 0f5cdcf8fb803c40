select
    store_name,
    sensor_id,
    visits,
    visits_estimated,
    store_visits,
    sensor_count,
    share_pct,
    even_share_pct,
    rank_by_visits,
    coverage_pct,
    coverage_open_pct,
    month_start
from footfall.door_utilisation
order by store_name, month_start, sensor_id
