-- The crimes of a holiday are those of its day in the fact.
with crimes as (
    select * from {{ ref('fct_crimes') }}
),

holidays as (
    select * from {{ ref('crime_by_holiday') }}
),

counted as (
    select
        occurred_date,
        count(*) as crimes,
        count_if(is_arrest) as arrests
    from crimes
    group by occurred_date
),

final as (
    select
        holidays.holiday_name,
        holidays.holiday_date,
        holidays.crimes,
        counted.crimes as crimes_in_fact
    from holidays
    left join counted on holidays.holiday_date = counted.occurred_date
    where
        holidays.crimes != coalesce(counted.crimes, 0)
        or holidays.arrests != coalesce(counted.arrests, 0)
)

select * from final
