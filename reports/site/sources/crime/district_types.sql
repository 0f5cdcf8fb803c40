select
    district_id as district,
    primary_type,
    year,
    crimes,
    arrests
from crime.crime_by_district_type_yearly
order by district_id, year, crimes desc, primary_type
