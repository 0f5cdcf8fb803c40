-- Days on which a store was closed all day: the explorer leaves them out of charts and means.
select
    store_name,
    traffic_date
from footfall.store_traffic_daily
where is_closed
order by store_name, traffic_date
