with days as (
    select distinct occurred_date from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'day'
),

months as (
    select
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date) as month_start,
        cast(extract(year from occurred_date) as integer) as year,
        cast(count(*) as bigint) as days_in_data
    from days
    group by
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date),
        cast(extract(year from occurred_date) as integer)
),

final as (
    select
        month_start,
        year,
        days_in_data,
        {{ days_in_year('year') }} as days_in_year,
        cast(sum(days_in_data) over (partition by year) as bigint) as days_of_year_in_data,
        days_in_data = extract(day from last_day(month_start)) as is_complete_month,
        sum(days_in_data) over (partition by year)
        = {{ days_in_year('year') }} as is_complete_year
    from months
)

select * from final
