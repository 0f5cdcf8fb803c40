with opening_hours as (
    select
        *,
        -- `1` and `1.0` are the same weekday.
        count(*) over (partition by store_name, iso_weekday) as rows_of_weekday
    from {{ ref('stg_store_sensors__opening_hours') }}
),

stores as (
    select * from {{ ref('int_footfall__stores') }}
),

enriched as (
    select
        opening_hours.*,
        stores.store_name is not null as is_store_known
    from opening_hours
    left join stores on opening_hours.store_name = stores.store_name
),

-- A clock hour of which the store is open a part is an opening hour.
final as (
    select
        store_name,
        iso_weekday_reported,
        load_id,
        iso_weekday,
        cast(floor(opens_at_minute / 60) as integer) as opens_at_hour,
        cast(ceil(cast(closes_at_minute as double) / 60) as integer) as closes_at_hour,
        {{ rejection_reason(opening_hours_rules()) }} as rejection_reason,
        {{ json_row([
            ('store_name', 'store_name'), ('iso_weekday', 'iso_weekday_reported'),
            ('opens_at', 'opens_at_reported'), ('closes_at', 'closes_at_reported')
        ]) }} as raw_row
    from enriched
)

select * from final
