with crimes as (
    select * from {{ ref('fct_crimes') }}
),

districts as (
    select * from {{ ref('dim_police_district') }}
),

counted as (
    select
        district_id,
        primary_type,
        cast(extract(year from occurred_date) as integer) as year,
        cast(count(*) as bigint) as crimes,
        cast(count_if(is_arrest) as bigint) as arrests
    from crimes
    group by
        district_id,
        primary_type,
        cast(extract(year from occurred_date) as integer)
),

final as (
    select
        counted.district_id,
        districts.district_name,
        counted.primary_type,
        counted.year,
        counted.crimes,
        counted.arrests,
        {{ exact_ratio('counted.arrests', 'counted.crimes', 100) }} as arrest_rate_pct,
        {{ exact_ratio(
            'counted.crimes',
            '(sum(counted.crimes) over (partition by counted.district_id, counted.year))',
            100
        ) }} as share_of_year_pct
    from counted
    inner join districts on counted.district_id = districts.district_id
)

select * from final
