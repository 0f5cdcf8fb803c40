{% set month_names = [
    'January', 'February', 'March', 'April', 'May', 'June', 'July',
    'August', 'September', 'October', 'November', 'December',
] %}
{# The end date is excluded. Unit tests shorten the calendar. #}
{% set first_date = "cast('" ~ var('calendar_first_date', '2001-01-01') ~ "' as date)" %}
{% set end_date = "cast('" ~ var('calendar_end_date', '2036-01-01') ~ "' as date)" %}

with spine as (
    {{ dbt.date_spine('day', first_date, end_date) }}
),

holidays as (
    select * from {{ ref('dim_holiday') }}
    where is_illinois
),

days as (
    select
        cast(date_day as date) as date_day,
        {{ iso_weekday('cast(date_day as date)') }} as iso_weekday
    from spine
),

-- Several holidays on one day are one row, named by the federal one or else the first by name.
holidays_by_date as (
    select
        holiday_date,
        bool_or(is_federal) as is_federal,
        bool_or(is_illinois) as is_illinois,
        coalesce(min(case when is_federal then holiday_name end), min(holiday_name)) as holiday_name
    from holidays
    group by holiday_date
),

observed_by_date as (
    select
        observed_date,
        coalesce(min(case when is_federal then holiday_name end), min(holiday_name)) as holiday_name
    from holidays
    group by observed_date
),

described as (
    select
        days.date_day,
        days.iso_weekday,
        holidays_by_date.holiday_name,
        observed_by_date.holiday_name as observed_holiday_name,
        holidays_by_date.holiday_date is not null as is_holiday,
        observed_by_date.observed_date is not null as is_observed_holiday,
        coalesce(holidays_by_date.is_federal, false) as is_federal_holiday,
        coalesce(holidays_by_date.is_illinois, false) as is_illinois_holiday,
        cast(extract(month from days.date_day) as integer) as month,
        -- A week belongs to the year of its Thursday.
        cast({{ dbt.dateadd('day', '4 - days.iso_weekday', 'days.date_day') }} as date) as thursday
    from days
    left join holidays_by_date on days.date_day = holidays_by_date.holiday_date
    left join observed_by_date on days.date_day = observed_by_date.observed_date
),

final as (
    select
        date_day,
        cast(extract(year from date_day) as integer) as year,
        cast(extract(quarter from date_day) as integer) as quarter,
        month,
        case month
            {%- for name in month_names %}
            when {{ loop.index }} then '{{ name }}'
            {%- endfor %}
        end as month_name,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start_date,
        cast(extract(year from thursday) as integer) as iso_year,
        cast(extract(week from date_day) as integer) as iso_week,
        iso_weekday,
        {{ weekday_name('iso_weekday') }} as weekday_name,
        cast(extract(day from date_day) as integer) as day_of_month,
        cast(extract(doy from date_day) as integer) as day_of_year,
        iso_weekday >= 6 as is_weekend,
        holiday_name,
        observed_holiday_name,
        is_holiday,
        is_observed_holiday,
        is_federal_holiday,
        is_illinois_holiday,
        lead(is_holiday, 1, false) over (order by date_day) as is_day_before_holiday,
        lag(is_holiday, 1, false) over (order by date_day) as is_day_after_holiday
    from described
)

select * from final
