with shared_areas as (
    select * from {{ ref('int_crime__district_area_overlaps') }}
),

residents as (
    select * from {{ ref('community_area_residents') }}
),

years as (
    select distinct year from residents
),

-- A district of which an area has no figure would get too few.
final as (
    select
        shared_areas.district_id,
        years.year,
        cast(floor(sum(
            cast(residents.residents * shared_areas.points as double)
            / shared_areas.points_of_area
        ) + 0.5) as bigint) as residents,
        min(residents.residents_year) as residents_year,
        cast(count(*) as bigint) as community_areas
    from shared_areas
    cross join years
    left join residents
        on
            shared_areas.community_area_id = residents.community_area_id
            and years.year = residents.year
    group by shared_areas.district_id, years.year
    having count(residents.residents) = count(*)
)

select * from final
