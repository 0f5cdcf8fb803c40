select
    store_name,
    iso_weekday,
    opens_at_hour,
    closes_at_hour,
    opening_hours_source,
    days_loaded,
    days_closed,
    visits,
    visits_outside_opening_hours
from footfall.store_opening_hours
order by store_name, iso_weekday
