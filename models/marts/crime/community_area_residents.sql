with residents as (
    select * from {{ ref('int_crime__residents_validated') }}
    where rejection_reason is null
),

areas as (
    select * from {{ ref('dim_community_area') }}
    where community_area_id != 0
),

years as (
    select distinct cast(extract(year from month_start) as integer) as year
    from {{ ref('int_crime__months_in_data') }}
),

-- Created anew at the portal, a row has another id: the newest counts.
ranked as (
    select
        *,
        row_number() over (
            partition by community_area_id, acs_year
            order by row_updated_at desc nulls last, load_id desc, socrata_id desc
        ) as version_number
    from residents
),

paired as (
    select
        ranked.community_area_id,
        ranked.residents,
        years.year,
        ranked.acs_year as residents_year,
        row_number() over (
            partition by ranked.community_area_id, years.year
            order by abs(years.year - ranked.acs_year) asc, ranked.acs_year asc
        ) as year_number
    from ranked
    cross join years
    where ranked.version_number = 1
),

final as (
    select
        areas.community_area_id,
        areas.community_area_name,
        paired.year,
        paired.residents,
        paired.residents_year
    from paired
    inner join areas on paired.community_area_id = areas.community_area_id
    where paired.year_number = 1
)

select * from final
