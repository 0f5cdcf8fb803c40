with stores as (
    select * from {{ source('store_sensors', 'stores') }}
),

typed as (
    select
        store_name,
        city,
        time_zone,
        {{ text_to_date('opened_on') }} as opened_on
    from stores
)

select * from typed
