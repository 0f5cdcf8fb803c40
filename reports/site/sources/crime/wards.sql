-- Each year, and all of them together, which have no year. Columns are named, so that a build that
-- lacks one is refused.
with summed as (
    select
        ward_id, null as year, crimes, arrests, arrest_rate_pct, rank_by_crimes, most_frequent_type,
        most_frequent_type_crimes, second_most_frequent_type, second_most_frequent_type_crimes
    from crime.crime_by_ward
    union all
    select
        ward_id, year, crimes, arrests, arrest_rate_pct, rank_by_crimes, most_frequent_type,
        most_frequent_type_crimes, second_most_frequent_type, second_most_frequent_type_crimes
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
