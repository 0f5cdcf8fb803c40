with districts as (
    select * from {{ ref('police_districts') }}
),

included as (
    select
        districts.district_id,
        {{ joined_text('closed.district_id', 'closed.district_id') }} as includes_districts
    from districts
    inner join districts as closed
        on closed.successor_ids like '%' || districts.district_id || '%'
    group by districts.district_id
),

final as (
    select
        districts.district_id,
        districts.district_name,
        districts.station_address,
        districts.zip,
        districts.closed_year,
        districts.closed_on,
        districts.successor_ids,
        replace(included.includes_districts, ',', ', ') as includes_districts,
        districts.latitude,
        districts.longitude,
        districts.has_station
    from districts
    left join included on districts.district_id = included.district_id
    union all
    select
        '000' as district_id,
        'Unknown' as district_name,
        cast(null as string) as station_address,
        cast(null as string) as zip,
        cast(null as integer) as closed_year,
        cast(null as date) as closed_on,
        cast(null as string) as successor_ids,
        cast(null as string) as includes_districts,
        cast(null as double) as latitude,
        cast(null as double) as longitude,
        false as has_station
)

select * from final
