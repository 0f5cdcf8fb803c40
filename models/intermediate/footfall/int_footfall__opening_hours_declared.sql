-- Opening hours that somebody said: the seed, and the API where the seed says nothing.
with seeded as (
    select * from {{ ref('opening_hours') }}
),

listed as (
    select * from {{ ref('int_footfall__opening_hours_validated') }}
    where rejection_reason is null
),

final as (
    select
        store_name,
        iso_weekday,
        opens_at_hour,
        closes_at_hour,
        'seed' as opening_hours_source
    from seeded

    union all

    select
        listed.store_name,
        listed.iso_weekday,
        listed.opens_at_hour,
        listed.closes_at_hour,
        'api' as opening_hours_source
    from listed
    left join seeded
        on
            listed.store_name = seeded.store_name
            and listed.iso_weekday = seeded.iso_weekday
    where seeded.store_name is null
)

select * from final
