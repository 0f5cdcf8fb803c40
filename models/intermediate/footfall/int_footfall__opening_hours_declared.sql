-- Opening hours that somebody said: the seed.
with seeded as (
    select * from {{ ref('opening_hours') }}
),

final as (
    select
        store_name,
        iso_weekday,
        opens_at_hour,
        closes_at_hour,
        'seed' as opening_hours_source
    from seeded
)

select * from final
