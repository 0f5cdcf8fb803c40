select
    holiday_name,
    holiday_year,
    primary_type,
    is_domestic,
    cast(crimes as integer) as crimes,
    comparison_mean
from crime.crime_by_holiday_type
where comparison_days > 0 and (crimes > 0 or comparison_crimes > 0)
order by holiday_date, holiday_name, primary_type, is_domestic
