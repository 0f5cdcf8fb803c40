select
    store_name,
    sensor_id,
    visits,
    store_visits,
    sensor_count,
    share_pct,
    even_share_pct,
    rank_by_visits,
    coverage_pct,
    month_start
from footfall.door_utilisation
order by store_name, month_start, sensor_id
