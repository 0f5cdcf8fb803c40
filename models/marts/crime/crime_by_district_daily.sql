with crimes as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'day'
),

districts as (
    select * from {{ ref('dim_police_district') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

counted as (
    select
        district_id,
        occurred_date,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by district_id, occurred_date
),

days_in_data as (
    select distinct occurred_date from counted
),

span as (
    select
        min(occurred_date) as first_date,
        max(occurred_date) as last_date
    from days_in_data
),

district_days as (
    select
        districts.district_id,
        districts.district_name,
        dates.date_day as occurred_date,
        days_in_data.occurred_date is not null as is_day_in_data
    from dates
    inner join span on dates.date_day between span.first_date and span.last_date
    left join days_in_data on dates.date_day = days_in_data.occurred_date
    cross join districts
),

final as (
    select
        district_days.district_id,
        district_days.district_name,
        district_days.occurred_date,
        coalesce(counted.crimes, 0) as crimes,
        coalesce(counted.arrests, 0) as arrests,
        {{ exact_ratio('counted.arrests', 'counted.crimes', 100) }} as arrest_rate_pct,
        district_days.is_day_in_data
    from district_days
    left join counted
        on
            district_days.district_id = counted.district_id
            and district_days.occurred_date = counted.occurred_date
)

select * from final
