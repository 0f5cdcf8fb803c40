select
    cast(community_area_id as varchar) as area,
    community_area_name,
    year(month_start) as year,
    cast(sum(crimes) as bigint) as crimes,
    cast(sum(arrests) as bigint) as arrests,
    max(residents) as residents,
    max(residents_year) as residents_year,
    sum(crimes) * dayofyear(make_date(year(month_start), 12, 31)) * 100000.0
    / sum(days_in_data) / nullif(max(residents), 0) as annual_rate_per_100k,
    sum(days_in_data) = dayofyear(make_date(year(month_start), 12, 31)) as is_complete_year
from crime.crime_by_community_area
group by community_area_id, community_area_name, year(month_start)
order by community_area_id, year
