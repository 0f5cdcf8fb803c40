select
    district_id as district,
    iso_weekday,
    weekday_name,
    hour_of_day,
    crimes,
    crimes_with_known_time
from crime.crime_by_district_hour_of_week
order by district_id, iso_weekday, hour_of_day
