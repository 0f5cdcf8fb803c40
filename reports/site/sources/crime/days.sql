select
    occurred_date,
    cast(sum(crimes) as integer) as crimes,
    cast(sum(arrests) as integer) as arrests
from crime.crime_by_district_daily
where is_day_in_data
group by occurred_date
order by occurred_date
