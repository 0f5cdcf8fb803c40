-- Stores are as the API lists them; the seed has those that it does not list.
with listed as (
    select * from {{ ref('stg_store_sensors__stores') }}
),

seeded as (
    select * from {{ ref('stores') }}
),

final as (
    select
        store_name,
        city,
        time_zone,
        true as is_from_api,
        opened_on
    from listed
    where store_name is not null and time_zone is not null

    union all

    select
        store_name,
        city,
        time_zone,
        false as is_from_api,
        opened_on
    from seeded
    where store_name not in (
        select listed.store_name
        from listed
        where listed.store_name is not null and listed.time_zone is not null
    )
)

select * from final
