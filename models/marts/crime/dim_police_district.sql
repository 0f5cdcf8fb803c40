with districts as (
    select * from {{ ref('police_districts') }}
),

final as (
    select
        district_id,
        district_name,
        station_address,
        zip,
        closed_year,
        latitude,
        longitude,
        has_station
    from districts
    union all
    select
        '000' as district_id,
        'Unknown' as district_name,
        cast(null as string) as station_address,
        cast(null as string) as zip,
        cast(null as integer) as closed_year,
        cast(null as double) as latitude,
        cast(null as double) as longitude,
        false as has_station
)

select * from final
