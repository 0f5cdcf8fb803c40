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

ranked as (
    select
        *,
        row_number() over (partition by ward_id order by crimes desc, primary_type asc) as type_rank
    from ward_types
),

summed as (
    select
        ward_id,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests,
        max(case when type_rank = 1 then primary_type end) as first_type,
        max(case when type_rank = 2 then primary_type end) as second_type,
        max(case when type_rank = 1 then crimes end) as first_crimes,
        max(case when type_rank = 2 then crimes end) as second_crimes,
        max(case when type_rank = 3 then crimes end) as third_crimes
    from ranked
    group by ward_id
),

final as (
    select
        wards.ward_id,
        summed.first_type as most_frequent_type,
        summed.second_type as second_most_frequent_type,
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
        summed.first_crimes as most_frequent_type_crimes,
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
