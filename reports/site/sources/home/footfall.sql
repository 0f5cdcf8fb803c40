select
    month_start,
    cast(sum(visits) as bigint) as visits,
    cast(count(*) as integer) as stores,
    100.0 * sum(readings_valid) / sum(readings_expected) as coverage_pct,
    bool_and(is_complete_month) as is_complete_month
from footfall.store_trend_monthly
group by month_start
order by month_start
