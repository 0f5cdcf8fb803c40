with dates as (
    select * from {{ ref('dim_date') }}
),

holidays as (
    select * from {{ ref('dim_holiday') }}
    where is_illinois
),

marked as (
    select
        date_day,
        'itself' as how
    from dates
    where is_holiday
    union all
    select
        date_day,
        'observed' as how
    from dates
    where is_observed_holiday
),

listed as (
    select
        holiday_date as date_day,
        'itself' as how
    from holidays
    union
    select
        observed_date as date_day,
        'observed' as how
    from holidays
),

final as (
    select
        listed.date_day as listed_date,
        marked.date_day as marked_date
    from listed
    full outer join marked on listed.date_day = marked.date_day and listed.how = marked.how
    where listed.date_day is null or marked.date_day is null
)

select * from final
