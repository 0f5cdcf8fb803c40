select
    store_name,
    cast(sum(readings_expected) as bigint) as readings_expected,
    cast(sum(readings_valid) as bigint) as readings_valid,
    cast(sum(readings_failed) as bigint) as readings_failed,
    cast(sum(readings_not_received) as bigint) as readings_not_received,
    cast(date_trunc('month', traffic_date) as date) as month_start
from footfall.store_traffic_daily
group by store_name, cast(date_trunc('month', traffic_date) as date)
order by store_name, month_start
