-- As the API lists them; the seed has those that it does not list, and the region of all.
with listed as (
    select * from {{ ref('stg_store_sensors__stores') }}
    where store_name is not null and time_zone is not null
),

seeded as (
    select * from {{ ref('stores') }}
),

final as (
    select
        coalesce(listed.store_name, seeded.store_name) as store_name,
        case when listed.store_name is null then seeded.city else listed.city end as city,
        seeded.country_code,
        seeded.region_code,
        coalesce(listed.time_zone, seeded.time_zone) as time_zone,
        listed.store_name is not null as is_from_api,
        case when listed.store_name is null then seeded.opened_on else listed.opened_on end
            as opened_on
    from listed
    full outer join seeded on listed.store_name = seeded.store_name
)

select * from final
