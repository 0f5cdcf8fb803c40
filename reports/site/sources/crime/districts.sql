select
    ranking.district_id as district,
    ranking.district_name,
    ranking.crimes,
    ranking.arrests,
    ranking.arrest_rate_pct,
    ranking.rank_by_crimes,
    ranking.rank_by_arrests,
    ranking.rank_by_arrest_rate,
    districts.latitude,
    districts.longitude,
    districts.closed_year
from crime.district_arrest_ranking as ranking
inner join crime.dim_police_district as districts on ranking.district_id = districts.district_id
order by ranking.district_id
