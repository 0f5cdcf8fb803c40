with crimes as (
    select * from {{ ref('fct_crimes') }}
),

city_months as (
    select * from {{ ref('crime_growth_by_month') }}
),

counted as (
    select
        primary_type,
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date) as month_start,
        cast(count(*) as bigint) as crimes,
        cast(count_if(is_arrest) as bigint) as arrests
    from crimes
    group by
        primary_type,
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date)
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
        {{ exact_ratio('coalesce(counted.crimes, 0)', 'city_months.crimes', 100) }}
            as share_of_month_pct,
        city_months.is_complete_month,
        city_months.month_start
    from types
    cross join city_months
    left join counted
        on
            types.primary_type = counted.primary_type
            and city_months.month_start = counted.month_start
)

select * from final
