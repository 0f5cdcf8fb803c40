select
    year,
    iso_weekday,
    weekday_name,
    hour_of_day,
    crimes,
    crimes_with_known_time,
    crimes_with_unknown_time,
    mean_crimes_per_week
from crime.crime_by_hour_of_week_yearly
order by year, iso_weekday, hour_of_day
