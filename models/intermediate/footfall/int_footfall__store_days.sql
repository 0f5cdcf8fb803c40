{{ config(materialized='table') }}

{% set settings = estimate_settings() -%}
with store_hours as (
    select * from {{ ref('int_footfall__store_hours') }}
),

like_hours as (
    select * from {{ ref('int_footfall__like_hours') }}
),

days as (
    select
        store_name,
        iso_weekday,
        week_number,
        max(opening_hours_source) as opening_hours_source,
        max(opens_at_hour) as opens_at_hour,
        max(closes_at_hour) as closes_at_hour,
        cast(sum(case when is_opening_hour then visits else 0 end) as bigint) as visits_when_open,
        cast(sum(
            case when is_opening_hour then readings_valid * usual_sixtieths else 0 end
        ) as bigint) as usual_when_open,
        traffic_date
    from store_hours
    group by store_name, iso_weekday, week_number, traffic_date
),

known as (
    select
        store_name,
        traffic_date,
        cast(sum(visits) as bigint) as visits_known,
        cast(sum(usual_sixtieths) as bigint) as usual_known,
        cast(count(*) as bigint) as readings_known
    from like_hours
    where visits is not null and usual_sixtieths is not null
    group by store_name, traffic_date
),

compared as (
    select
        days.*,
        days.opens_at_hour is null
        or (
            days.visits_when_open = 0
            and days.usual_when_open >= {{ 60 * settings['visits_that_show_closure'] }}
        ) as is_closed,
        coalesce(known.visits_known, 0) as visits_known,
        coalesce(known.usual_known, 0) as usual_known,
        coalesce(known.readings_known, 0) as readings_known
    from days
    left join known
        on days.store_name = known.store_name and days.traffic_date = known.traffic_date
),

-- How busy the day was, compared with what its known hours usually count; drawn towards 1 as if
-- some more hours had been as usual.
final as (
    select
        store_name,
        iso_weekday,
        week_number,
        opening_hours_source,
        opens_at_hour,
        closes_at_hour,
        is_closed,
        visits_known,
        usual_known,
        readings_known,
        case
            when is_closed then 0
            when usual_known = 0 then 1
            else
                cast(
                    60 * visits_known * readings_known + {{ settings['prior_hours'] }} * usual_known
                    as double
                ) / (usual_known * (readings_known + {{ settings['prior_hours'] }}))
        end as day_factor,
        traffic_date
    from compared
)

select * from final
