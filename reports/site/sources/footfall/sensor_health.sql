-- Times as UTC without a zone: the database in the page knows no zones.
select
    store_name,
    sensor_id,
    replacement_reason,
    readings_expected,
    readings_valid,
    readings_failed,
    readings_not_received,
    days_measured,
    failure_rate_pct,
    age_days,
    needs_replacement,
    in_use_since,
    last_valid_at at time zone 'UTC' as last_valid_at,
    last_hour_local
from footfall.sensor_health
order by store_name, sensor_id
