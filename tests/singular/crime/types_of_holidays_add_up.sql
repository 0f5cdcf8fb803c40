-- The types of a holiday, domestic and not, are its crimes, and so are those of its ordinary days.
with holidays as (
    select * from {{ ref('crime_by_holiday') }}
),

types as (
    select
        holiday_name,
        holiday_date,
        sum(crimes) as crimes,
        sum(comparison_crimes) as comparison_crimes
    from {{ ref('crime_by_holiday_type') }}
    group by holiday_name, holiday_date
),

final as (
    select
        holidays.holiday_name,
        holidays.holiday_date,
        holidays.crimes,
        types.crimes as crimes_of_types
    from holidays
    left join types
        on
            holidays.holiday_name = types.holiday_name
            and holidays.holiday_date = types.holiday_date
    where
        holidays.crimes is distinct from types.crimes
        or abs(holidays.comparison_mean * holidays.comparison_days - types.comparison_crimes) > 0.01
)

select * from final
