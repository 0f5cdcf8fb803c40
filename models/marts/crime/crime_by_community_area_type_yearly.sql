with crimes as (
    select * from {{ ref('int_crime__counts_by_place') }}
    where counted_by = 'community_area'
),

areas as (
    select * from {{ ref('dim_community_area') }}
),

years as (
    select * from {{ ref('int_crime__years_in_data') }}
),

residents as (
    select * from {{ ref('community_area_residents') }}
),

counted as (
    select
        community_area_id,
        primary_type,
        cast(extract(year from month_start) as integer) as year,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by community_area_id, primary_type, cast(extract(year from month_start) as integer)
),

final as (
    select
        counted.community_area_id,
        areas.community_area_name,
        counted.primary_type,
        counted.year,
        counted.crimes,
        counted.arrests,
        {{ exact_ratio('counted.arrests', 'counted.crimes', 100) }} as arrest_rate_pct,
        residents.residents,
        residents.residents_year,
        {{ annual_rate_per_100k(
            'counted.crimes', 'years.days_in_data', 'years.days_in_year', 'residents.residents'
        ) }} as annual_rate_per_100k,
        years.days_in_data,
        years.is_complete_year
    from counted
    inner join areas on counted.community_area_id = areas.community_area_id
    inner join years on counted.year = years.year
    left join residents
        on
            counted.community_area_id = residents.community_area_id
            and counted.year = residents.year
)

select * from final
