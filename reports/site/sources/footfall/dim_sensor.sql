select
    store_name,
    sensor_id,
    first_date
from footfall.dim_sensor
order by store_name, sensor_id
