with district_days as (
    select * from {{ ref('crime_by_district_daily') }}
),

summed as (
    select
        district_id,
        district_name,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests
    from district_days
    group by district_id, district_name
),

-- 000 (unknown) and 031 (outside the city) are not police districts; no crimes, no rate.
rated as (
    select
        *,
        {{ exact_ratio('arrests', 'crimes', 100) }} as arrest_rate_pct,
        crimes > 0 and district_id not in ('000', '031') as is_ranked
    from summed
),

ranked as (
    select
        *,
        rank() over (partition by is_ranked order by crimes desc) as place_by_crimes,
        rank() over (partition by is_ranked order by arrests desc) as place_by_arrests,
        rank() over (
            partition by is_ranked order by arrest_rate_pct desc nulls last
        ) as place_by_arrest_rate
    from rated
),

final as (
    select
        district_id,
        district_name,
        crimes,
        arrests,
        arrest_rate_pct,
        case when is_ranked then cast(place_by_crimes as integer) end as rank_by_crimes,
        case when is_ranked then cast(place_by_arrests as integer) end as rank_by_arrests,
        case when is_ranked then cast(place_by_arrest_rate as integer) end as rank_by_arrest_rate
    from ranked
)

select * from final
