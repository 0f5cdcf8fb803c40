select
    store_name,
    city,
    time_zone,
    sensor_count,
    opened_on,
    first_date,
    last_date
from footfall.dim_store
order by store_name
