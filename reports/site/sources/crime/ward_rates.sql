select
    cast(ward_id as varchar) as ward,
    max(residents_year) as residents_year,
    sum(crimes) * 365 * 100000.0 / sum(days_in_data) / max(residents) as annual_rate_per_100k
from crime.crime_by_ward_at_time
where
    residents > 0
    and ward_map = (select max(ward_map) from crime.crime_by_ward_at_time)
    and month_start > (select max(month_start) from crime.crime_by_ward_at_time) - interval 12 month
group by ward_id
order by ward_id
