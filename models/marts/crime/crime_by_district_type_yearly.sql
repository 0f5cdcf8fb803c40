with crimes as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'type'
),

districts as (
    select * from {{ ref('dim_police_district') }}
),

counted as (
    select
        district_id,
        primary_type,
        cast(extract(year from month_start) as integer) as year,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by
        district_id,
        primary_type,
        cast(extract(year from month_start) as integer)
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
