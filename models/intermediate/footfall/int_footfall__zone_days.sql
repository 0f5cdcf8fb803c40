{{ config(materialized='table') }}

with stores as (
    select * from {{ ref('int_footfall__stores') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

zones as (
    select distinct time_zone from stores
),

midnights as (
    select
        zones.time_zone,
        dates.date_day as local_date,
        cast(dates.date_day as timestamp) as midnight,
        {{ local_to_utc('cast(dates.date_day as timestamp)', 'zones.time_zone') }} as midnight_at
    from zones
    cross join dates
),

-- Where midnight occurs twice, the first is the start of the day.
starts as (
    select
        time_zone,
        local_date,
        case
            when {{ utc_to_local(plus_hours('midnight_at', -1), 'time_zone') }} = midnight
                then {{ plus_hours('midnight_at', -1) }}
            else midnight_at
        end as starts_at
    from midnights
),

measured as (
    select
        starts.time_zone,
        starts.local_date,
        starts.starts_at,
        cast(
            {{ seconds_between('starts.starts_at', 'later.starts_at') }} / 3600 as integer
        ) as hours_in_day
    from starts
    inner join starts as later
        on
            starts.time_zone = later.time_zone
            and later.local_date = {{ plus_days('starts.local_date', 1) }}
),

elapsed as (
    select
        measured.time_zone,
        measured.local_date,
        hour({{ utc_to_local(
            plus_hours('measured.starts_at', 'hours.hour_number'), 'measured.time_zone'
        ) }}) as hour_of_day
    from measured
    inner join {{ ref('int_footfall__hours') }} as hours
        on measured.hours_in_day > hours.hour_number
    where measured.hours_in_day in (23, 25)
),

-- The clock hours 0 to 23 add up to 276: the difference is the hour that is skipped or repeated.
changes as (
    select
        time_zone,
        local_date,
        cast(abs(sum(hour_of_day) - 276) as integer) as changed_hour
    from elapsed
    group by time_zone, local_date
),

final as (
    select
        measured.time_zone,
        measured.hours_in_day,
        changes.changed_hour,
        measured.local_date,
        measured.starts_at
    from measured
    left join changes
        on
            measured.time_zone = changes.time_zone
            and measured.local_date = changes.local_date
)

select * from final
