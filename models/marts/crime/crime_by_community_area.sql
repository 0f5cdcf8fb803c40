with crimes as (
    select * from {{ ref('int_crime__counts_by_place') }}
    where counted_by = 'community_area'
),

areas as (
    select * from {{ ref('dim_community_area') }}
),

months as (
    select * from {{ ref('int_crime__months_in_data') }}
),

residents as (
    select * from {{ ref('community_area_residents') }}
),

counted as (
    select
        community_area_id,
        month_start,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by community_area_id, month_start
),

area_months as (
    select
        areas.community_area_id,
        areas.community_area_name,
        months.month_start,
        months.days_in_data,
        months.days_in_year,
        months.is_complete_month,
        residents.residents,
        residents.residents_year,
        coalesce(counted.crimes, 0) as crimes,
        coalesce(counted.arrests, 0) as arrests
    from areas
    cross join months
    left join counted
        on
            areas.community_area_id = counted.community_area_id
            and months.month_start = counted.month_start
    left join residents
        on
            areas.community_area_id = residents.community_area_id
            and months.year = residents.year
),

final as (
    select
        community_area_id,
        community_area_name,
        month_start,
        crimes,
        arrests,
        {{ exact_ratio('arrests', 'crimes', 100) }} as arrest_rate_pct,
        residents,
        residents_year,
        {{ annual_rate_per_100k('crimes', 'days_in_data', 'days_in_year', 'residents') }}
            as annual_rate_per_100k,
        days_in_data,
        is_complete_month
    from area_months
)

select * from final
