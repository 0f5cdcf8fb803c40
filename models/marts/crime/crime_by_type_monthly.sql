with crimes as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'type'
),

months as (
    select * from {{ ref('crime_growth_by_month') }}
),

counted as (
    select
        primary_type,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests,
        month_start
    from crimes
    group by primary_type, month_start
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
            and months.month_start = counted.month_start
)

select * from final
