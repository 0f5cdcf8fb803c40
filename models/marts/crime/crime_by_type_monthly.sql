with crimes as (
    select * from {{ ref('fct_crimes') }}
),

city_months as (
    select * from {{ ref('crime_growth_by_month') }}
),

-- Months as whole numbers: truncating every date of the fact costs more than counting them.
counted as (
    select
        primary_type,
        12 * extract(year from occurred_date) + extract(month from occurred_date) as month_number,
        cast(count(*) as bigint) as crimes,
        cast(count_if(is_arrest) as bigint) as arrests
    from crimes
    group by
        primary_type,
        12 * extract(year from occurred_date) + extract(month from occurred_date)
),

months as (
    select
        *,
        12 * extract(year from month_start) + extract(month from month_start) as month_number
    from city_months
),

types as (
    select distinct primary_type from counted
),

final as (
    select
        types.primary_type,
        coalesce(counted.crimes, 0) as crimes,
        coalesce(counted.arrests, 0) as arrests,
        {{ exact_ratio('counted.arrests', 'counted.crimes', 100) }} as arrest_rate_pct,
        {{ exact_ratio('coalesce(counted.crimes, 0)', 'months.crimes', 100) }}
            as share_of_month_pct,
        months.is_complete_month,
        months.month_start
    from types
    cross join months
    left join counted
        on
            types.primary_type = counted.primary_type
            and months.month_number = counted.month_number
)

select * from final
