with crimes as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'type'
),

wards as (
    select * from {{ ref('dim_ward') }}
),

ward_types as (
    select
        ward_id,
        primary_type,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by ward_id, primary_type
),

summed as (
    {{ most_frequent_types('ward_types', ['ward_id']) }}
),

final as (
    select
        wards.ward_id,
        coalesce(summed.crimes, 0) as crimes,
        coalesce(summed.arrests, 0) as arrests,
        {{ exact_ratio('summed.arrests', 'summed.crimes', 100) }} as arrest_rate_pct,
        case
            when wards.ward_id != 0
                then cast(rank() over (
                    partition by wards.ward_id = 0
                    order by coalesce(summed.crimes, 0) desc
                ) as integer)
        end as rank_by_crimes,
        summed.first_type as most_frequent_type,
        summed.first_crimes as most_frequent_type_crimes,
        summed.second_type as second_most_frequent_type,
        summed.second_crimes as second_most_frequent_type_crimes,
        coalesce(
            summed.first_crimes = summed.second_crimes
            or summed.second_crimes = summed.third_crimes,
            false
        ) as has_tied_types
    from wards
    left join summed on wards.ward_id = summed.ward_id
)

select * from final
