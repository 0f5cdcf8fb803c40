{# Of the readings of an ordinary day, at least so many percent were valid. #}
{% set min_coverage_pct = 90 %}

with days as (
    select * from {{ ref('store_traffic_daily') }}
    where is_complete_day
),

stores as (
    select * from {{ ref('dim_store') }}
),

holidays as (
    select * from {{ ref('dim_holiday') }}
),

free_days as (
    select
        region_code,
        holiday_date as free_date
    from holidays
    union
    select
        region_code,
        observed_date as free_date
    from holidays
),

final as (
    select
        days.store_name,
        days.traffic_date,
        days.iso_weekday,
        stores.region_code,
        case
            when days.visits > 0 then 'open'
            when 2 * days.readings_valid >= days.readings_expected then 'closed'
            else 'not measured'
        end as day_status,
        days.visits,
        cast(floor(10 * days.visits_estimated + 0.5) as bigint) as estimated_tenths,
        days.readings_expected,
        days.readings_valid,
        free_days.free_date is null
        and days.visits > 0
        and days.coverage_pct >= {{ min_coverage_pct }} as is_ordinary_day
    from days
    inner join stores on days.store_name = stores.store_name
    left join free_days
        on stores.region_code = free_days.region_code and days.traffic_date = free_days.free_date
    where stores.region_code is not null
)

select * from final
