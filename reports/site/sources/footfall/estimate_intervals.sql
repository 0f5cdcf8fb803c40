-- The interval of each estimate, of doors and of stores (sensor_id -1), of hours and of whole days
-- (hour_of_day -1). Where nothing was estimated there is no row: the figure is what was measured.
select
    store_name,
    cast(-1 as smallint) as sensor_id,
    cast(-1 as tinyint) as hour_of_day,
    visits_estimated_low,
    visits_estimated_high,
    traffic_date
from footfall.store_traffic_daily
where visits_estimated is distinct from visits
union all
select
    store_name,
    cast(-1 as smallint) as sensor_id,
    cast(hour_of_day as tinyint) as hour_of_day,
    visits_estimated_low,
    visits_estimated_high,
    traffic_date
from footfall.store_traffic_hourly
where visits_estimated is distinct from visits
union all
select
    store_name,
    cast(sensor_id as smallint) as sensor_id,
    cast(-1 as tinyint) as hour_of_day,
    visits_estimated_low,
    visits_estimated_high,
    traffic_date
from footfall.sensor_traffic_daily
where visits_estimated is distinct from visits
union all
select
    store_name,
    cast(sensor_id as smallint) as sensor_id,
    cast(hour_of_day as tinyint) as hour_of_day,
    visits_estimated_low,
    visits_estimated_high,
    traffic_date
from footfall.sensor_traffic_hourly
where visits_estimated is distinct from visits
order by store_name, sensor_id, hour_of_day, traffic_date
