-- Each year, and all of them together, which have no year.
with summed as (
    from crime.crime_by_ward
    union all by name
    from crime.crime_by_ward_yearly
)

select
    cast(summed.ward_id as varchar) as ward,
    wards.ward_name,
    coalesce(cast(summed.year as varchar), 'All years') as year,
    summed.crimes,
    summed.arrests,
    summed.arrest_rate_pct,
    summed.rank_by_crimes,
    summed.most_frequent_type,
    summed.most_frequent_type_crimes,
    summed.second_most_frequent_type,
    summed.second_most_frequent_type_crimes,
    wards.latitude,
    wards.longitude
from summed
inner join crime.dim_ward as wards on summed.ward_id = wards.ward_id
order by year, ward
