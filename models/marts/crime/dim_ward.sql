with wards as (
    select * from {{ ref('wards') }}
),

final as (
    select
        ward_id,
        'Ward ' || cast(ward_id as string) as ward_name,
        office_address,
        zip,
        latitude,
        longitude
    from wards
    union all
    select
        0 as ward_id,
        'Unknown' as ward_name,
        cast(null as string) as office_address,
        cast(null as string) as zip,
        cast(null as double) as latitude,
        cast(null as double) as longitude
)

select * from final
