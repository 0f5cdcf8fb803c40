with crimes as (
    select * from {{ ref('int_crime__counts_by_place') }}
    where counted_by = 'ward'
),

ward_maps as (
    select * from {{ ref('dim_ward_map') }}
),

wards as (
    select * from {{ ref('dim_ward') }}
),

days as (
    select distinct
        occurred_date,
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date) as month_start
    from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'day'
),

map_months as (
    select
        ward_maps.ward_map,
        days.month_start,
        cast(count(*) as bigint) as days_in_data
    from days
    inner join ward_maps
        on
            days.occurred_date >= coalesce(ward_maps.in_force_from, days.occurred_date)
            and days.occurred_date <= coalesce(ward_maps.in_force_until, days.occurred_date)
    group by ward_maps.ward_map, days.month_start
),

counted as (
    select
        ward_map,
        ward_id,
        month_start,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by ward_map, ward_id, month_start
),

-- Of the map before the first outlines it is not known which ward.
final as (
    select
        map_months.ward_map,
        wards.ward_id,
        map_months.month_start,
        cast(extract(year from map_months.month_start) as integer) as year,
        coalesce(counted.crimes, 0) as crimes,
        coalesce(counted.arrests, 0) as arrests,
        map_months.days_in_data,
        map_months.days_in_data = extract(day from last_day(map_months.month_start))
            as is_complete_month
    from map_months
    inner join wards on wards.ward_id = 0 or map_months.ward_map != 0
    left join counted
        on
            map_months.ward_map = counted.ward_map
            and map_months.month_start = counted.month_start
            and wards.ward_id = counted.ward_id
)

select * from final
