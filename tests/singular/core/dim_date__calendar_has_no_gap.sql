with dates as (
    select * from {{ ref('dim_date') }}
),

neighbours as (
    select
        date_day,
        lead(date_day) over (order by date_day) as next_day,
        lag(date_day) over (order by date_day) as previous_day
    from dates
),

final as (
    select *
    from neighbours
    where
        next_day != {{ dbt.dateadd('day', 1, 'date_day') }}
        or (next_day is null and date_day != cast('2035-12-31' as date))
        or (previous_day is null and date_day != cast('2001-01-01' as date))
)

select * from final
