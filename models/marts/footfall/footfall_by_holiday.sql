with days as (
    select * from {{ ref('int_footfall__store_days_classified') }}
),

holidays as (
    select * from {{ ref('dim_holiday') }}
),

on_holidays as (
    select
        days.store_name,
        holidays.holiday_name,
        holidays.year as holiday_year,
        days.traffic_date as holiday_date,
        days.iso_weekday,
        holidays.observed_date,
        holidays.is_national,
        days.day_status,
        case when days.day_status = 'open' then days.visits end as visits,
        case when days.day_status = 'open' then days.estimated_tenths end as estimated_tenths,
        days.readings_expected,
        days.readings_valid
    from days
    inner join holidays
        on days.region_code = holidays.region_code and days.traffic_date = holidays.holiday_date
),

compared as (
    select
        day.store_name,
        day.holiday_name,
        day.holiday_date,
        cast(count(other.visits) as bigint) as comparison_days,
        cast(sum(other.visits) as bigint) as other_visits,
        cast(sum(other.estimated_tenths) as bigint) as other_tenths,
        cast(sum(other.visits * other.visits) as bigint) as other_visits_squared,
        min(other.visits) as comparison_min,
        max(other.visits) as comparison_max
    from on_holidays as day
    left join {{ ref('int_footfall__store_days_classified') }} as other
        on
            day.store_name = other.store_name
            and day.iso_weekday = other.iso_weekday
            and other.is_ordinary_day
            and day.holiday_date <= {{ dbt.dateadd('day', 28, 'other.traffic_date') }}
            and day.holiday_date >= {{ dbt.dateadd('day', -28, 'other.traffic_date') }}
    group by day.store_name, day.holiday_name, day.holiday_date
),

final as (
    select
        day.store_name,
        day.holiday_name,
        day.holiday_year,
        day.holiday_date,
        day.iso_weekday,
        day.observed_date,
        day.is_national,
        day.day_status,
        day.visits,
        compared.comparison_days,
        {{ exact_ratio('compared.other_visits', 'compared.comparison_days') }} as comparison_mean,
        compared.comparison_min,
        compared.comparison_max,
        {{ sample_stddev(
            'compared.comparison_days', 'compared.other_visits', 'compared.other_visits_squared'
        ) }} as comparison_stddev,
        {{ exact_ratio(
            '(day.visits * compared.comparison_days - compared.other_visits)',
            'compared.comparison_days'
        ) }} as difference,
        {{ exact_ratio(
            '(day.visits * compared.comparison_days - compared.other_visits)',
            'compared.other_visits', 100
        ) }} as difference_pct,
        cast(day.estimated_tenths as double) / 10 as visits_estimated,
        {{ exact_ratio('compared.other_tenths', '(10 * compared.comparison_days)') }}
            as comparison_mean_estimated,
        {{ exact_ratio(
            '(day.estimated_tenths * compared.comparison_days - compared.other_tenths)',
            'compared.other_tenths', 100
        ) }} as difference_estimated_pct,
        day.readings_expected,
        day.readings_valid,
        {{ exact_ratio('day.readings_valid', 'day.readings_expected', 100) }} as coverage_pct
    from on_holidays as day
    inner join compared
        on
            day.store_name = compared.store_name
            and day.holiday_name = compared.holiday_name
            and day.holiday_date = compared.holiday_date
)

select * from final
