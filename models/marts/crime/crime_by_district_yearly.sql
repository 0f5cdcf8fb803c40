with district_days as (
    select * from {{ ref('crime_by_district_daily') }}
),

districts as (
    select * from {{ ref('dim_police_district') }}
),

years as (
    select * from {{ ref('int_crime__years_in_data') }}
),

residents as (
    select * from {{ ref('district_residents') }}
),

district_years as (
    select
        district_id,
        district_name,
        cast(extract(year from occurred_date) as integer) as year,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests
    from district_days
    group by district_id, district_name, cast(extract(year from occurred_date) as integer)
),

rated as (
    select
        district_years.*,
        residents.residents,
        residents.residents_year,
        {{ annual_rate_per_100k(
            'district_years.crimes', 'years.days_in_data', 'years.days_in_year',
            'residents.residents'
        ) }} as annual_rate_per_100k,
        districts.includes_districts,
        years.days_in_data,
        years.is_complete_year
    from district_years
    inner join districts on district_years.district_id = districts.district_id
    inner join years on district_years.year = years.year
    left join residents
        on
            district_years.district_id = residents.district_id
            and district_years.year = residents.year
),

final as (
    select
        district_id,
        district_name,
        year,
        crimes,
        arrests,
        {{ exact_ratio('arrests', 'crimes', 100) }} as arrest_rate_pct,
        residents,
        residents_year,
        annual_rate_per_100k,
        case
            when annual_rate_per_100k is not null
                then cast(rank() over (
                    partition by year, annual_rate_per_100k is null
                    order by annual_rate_per_100k desc
                ) as integer)
        end as rank_by_rate,
        includes_districts,
        days_in_data,
        is_complete_year
    from rated
)

select * from final
