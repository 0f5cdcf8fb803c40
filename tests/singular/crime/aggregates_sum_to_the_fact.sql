-- Each aggregate has every crime of the fact once: its crimes and arrests add up to the fact's.
{% set aggregates = [
    'crime_by_beat', 'crime_by_community_area', 'crime_by_community_area_type_yearly',
    'crime_by_district', 'crime_by_district_daily', 'crime_by_district_hour_of_week',
    'crime_by_district_hour_of_week_yearly', 'crime_by_district_type_yearly',
    'crime_by_district_yearly', 'crime_by_ward_at_time',
    'crime_by_hour_of_week', 'crime_by_hour_of_week_yearly', 'crime_by_type_monthly',
    'crime_by_ward', 'crime_by_ward_yearly', 'crime_growth_by_month', 'district_arrest_ranking',
    'holiday_vs_non_holiday'
] %}

with fact as (
    select
        cast(count(*) as bigint) as crimes,
        cast(count_if(is_arrest) as bigint) as arrests
    from {{ ref('fct_crimes') }}
),

aggregates as (
    {% for aggregate in aggregates %}
    select
        '{{ aggregate }}' as mart,
        coalesce(cast(sum(crimes) as bigint), 0) as crimes,
        coalesce(cast(sum(arrests) as bigint), 0) as arrests
    from {{ ref(aggregate) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        aggregates.mart,
        aggregates.crimes,
        fact.crimes as crimes_in_fact,
        aggregates.arrests,
        fact.arrests as arrests_in_fact
    from aggregates
    cross join fact
    where aggregates.crimes != fact.crimes or aggregates.arrests != fact.arrests
)

select * from final
