with crimes as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'type'
),

months as (
    select * from {{ ref('crime_growth_by_month') }}
),

wards as (
    select * from {{ ref('dim_ward') }}
),

years as (
    select
        cast(extract(year from month_start) as integer) as year,
        cast(sum(days_in_data) as bigint) as days_in_data,
        count_if(is_complete_month) = 12 as is_complete_year
    from months
    group by cast(extract(year from month_start) as integer)
),

ward_types as (
    select
        ward_id,
        cast(extract(year from month_start) as integer) as year,
        primary_type,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by ward_id, cast(extract(year from month_start) as integer), primary_type
),

summed as (
    {{ most_frequent_types('ward_types', ['ward_id', 'year']) }}
),

final as (
    select
        wards.ward_id,
        years.year,
        coalesce(summed.crimes, 0) as crimes,
        coalesce(summed.arrests, 0) as arrests,
        {{ exact_ratio('summed.arrests', 'summed.crimes', 100) }} as arrest_rate_pct,
        {{ exact_ratio('coalesce(summed.crimes, 0)', 'years.days_in_data') }} as crimes_per_day,
        case
            when wards.ward_id != 0
                then cast(rank() over (
                    partition by years.year, wards.ward_id = 0
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
        ) as has_tied_types,
        years.days_in_data,
        years.is_complete_year
    from wards
    cross join years
    left join summed
        on
            wards.ward_id = summed.ward_id
            and years.year = summed.year
)

select * from final
