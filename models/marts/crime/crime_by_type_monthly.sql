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

type_months as (
    select
        types.primary_type,
        coalesce(counted.crimes, 0) as crimes,
        coalesce(counted.arrests, 0) as arrests,
        months.crimes as crimes_of_all_types,
        months.days_in_data,
        months.is_complete_month,
        months.month_start
    from types
    cross join months
    left join counted
        on
            types.primary_type = counted.primary_type
            and months.month_start = counted.month_start
),

-- The previous row is the previous month: each type has every month.
with_bases as (
    select
        *,
        {{ earlier_crimes('by_month') }}
    from type_months
    window by_month as (partition by primary_type order by month_start)
),

final as (
    select
        primary_type,
        month_start,
        crimes,
        arrests,
        {{ exact_ratio('arrests', 'crimes', 100) }} as arrest_rate_pct,
        {{ exact_ratio('crimes', 'crimes_of_all_types', 100) }} as share_of_month_pct,
        {{ exact_ratio('crimes', 'days_in_data') }} as crimes_per_day,
        {{ month_changes() }},
        days_in_data,
        is_complete_month
    from with_bases
)

select * from final
