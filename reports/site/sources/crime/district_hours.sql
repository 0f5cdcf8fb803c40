select
    district_id as district,
    year,
    iso_weekday,
    weekday_name,
    hour_of_day,
    crimes,
    crimes_with_known_time,
    crimes_with_unknown_time
from crime.crime_by_district_hour_of_week_yearly
order by district_id, year, iso_weekday, hour_of_day
