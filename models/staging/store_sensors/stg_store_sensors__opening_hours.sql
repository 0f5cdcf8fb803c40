with opening_hours as (
    select * from {{ source('store_sensors', 'opening_hours') }}
),

typed as (
    select
        store_name,
        iso_weekday as iso_weekday_reported,
        opens_at as opens_at_reported,
        closes_at as closes_at_reported,
        _dlt_load_id as load_id,
        {{ text_to_integer('iso_weekday') }} as iso_weekday,
        {{ time_of_day_to_minutes('opens_at') }} as opens_at_minute,
        {{ time_of_day_to_minutes('closes_at') }} as closes_at_minute
    from opening_hours
)

select * from typed
