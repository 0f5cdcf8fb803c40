-- The explorer works out sums, days and means from these: only what it needs, and in an order in
-- which a store's range of days lies together.
select
    store_name,
    cast(sensor_id as smallint) as sensor_id,
    cast(hour_of_day as tinyint) as hour_of_day,
    cast(visits as integer) as visits,
    cast(visits_estimated as decimal(9, 1)) as visits_estimated,
    cast(readings_expected as tinyint) as readings_expected,
    cast(readings_valid as tinyint) as readings_valid,
    cast(readings_failed as tinyint) as readings_failed,
    traffic_date
from footfall.sensor_traffic_hourly
order by store_name, sensor_id, traffic_date, hour_of_day
