with ward_months as (
    select * from {{ ref('int_crime__ward_months') }}
),

months_in_data as (
    select distinct month_start from ward_months
),

city_residents as (
    select
        year,
        cast(floor(sum(residents) / 50.0 + 0.5) as bigint) as residents_per_ward,
        min(residents_year) as residents_year
    from {{ ref('community_area_residents') }}
    group by year
    having count(*) = 77
),

compared as (
    select
        ward_months.*,
        earlier.crimes as crimes_same_month_last_year,
        case
            when months_in_data.month_start is null then 'no_earlier_month'
            when earlier.ward_map is null then 'maps_differ'
            when ward_months.is_complete_month and earlier.is_complete_month then 'comparable'
            else 'incomplete_month'
        end as year_comparison
    from ward_months
    left join {{ ref('int_crime__ward_months') }} as earlier
        on
            ward_months.ward_map = earlier.ward_map
            and ward_months.ward_id = earlier.ward_id
            and ward_months.month_start
            = cast({{ dbt.dateadd('year', 1, 'earlier.month_start') }} as date)
    left join months_in_data
        on
            ward_months.month_start
            = cast({{ dbt.dateadd('year', 1, 'months_in_data.month_start') }} as date)
),

rated as (
    select
        compared.*,
        {{ days_in_year('compared.year') }} as days_in_year,
        city_residents.residents_per_ward as residents,
        city_residents.residents_year
    from compared
    left join city_residents
        on
            compared.year = city_residents.year
            and compared.ward_id != 0
),

final as (
    select
        ward_map,
        ward_id,
        month_start,
        crimes,
        arrests,
        {{ exact_ratio('arrests', 'crimes', 100) }} as arrest_rate_pct,
        crimes_same_month_last_year,
        case
            when year_comparison = 'comparable' then
                {{ exact_ratio(
                    '(crimes - crimes_same_month_last_year)', 'crimes_same_month_last_year', 100
                ) }}
        end as change_on_year_pct,
        year_comparison,
        residents,
        residents_year,
        {{ annual_rate_per_100k('crimes', 'days_in_data', 'days_in_year', 'residents') }}
            as annual_rate_per_100k,
        days_in_data,
        is_complete_month
    from rated
)

select * from final
