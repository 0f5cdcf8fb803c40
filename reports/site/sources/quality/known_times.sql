select
    cast(sum(crimes) as bigint) as crimes,
    cast(sum(crimes_with_known_time) as bigint) as crimes_with_known_time
from crime.crime_by_hour_of_week
