select
    month_start,
    cast(sum(visits) as bigint) as visits,
    cast(count(*) as integer) as stores,
    cast(sum(readings_valid) as bigint) as readings_valid,
    cast(sum(readings_expected) as bigint) as readings_expected,
    bool_and(is_complete_month) as is_complete_month
from footfall.store_trend_monthly
group by month_start
order by month_start
