select
    district_id as district,
    year,
    residents,
    residents_year,
    annual_rate_per_100k
from crime.crime_by_district_yearly
where
    annual_rate_per_100k is not null
    and year = (
        select coalesce(max(year) filter (where is_complete_year), max(year))
        from crime.crime_by_district_yearly
    )
order by district_id
