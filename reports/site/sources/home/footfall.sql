select
    month_start,
    cast(sum(visits) as bigint) as visits,
    sum(visits_estimated) as visits_estimated,
    cast(count(*) as integer) as stores,
    cast(sum(readings_valid) as bigint) as readings_valid,
    cast(sum(readings_expected) as bigint) as readings_expected,
    cast(sum(open_readings_valid) as bigint) as open_readings_valid,
    cast(sum(open_readings_expected) as bigint) as open_readings_expected,
    bool_and(is_complete_month) as is_complete_month
from footfall.store_trend_monthly
group by month_start
order by month_start
