with like_hours as (
    select * from {{ ref('int_footfall__like_hours') }}
),

store_days as (
    select * from {{ ref('int_footfall__store_days') }}
),

-- What the method would have estimated for hours that were counted.
estimated as (
    select
        like_hours.store_name,
        like_hours.traffic_date,
        10 * like_hours.visits as counted_tenths,
        {{ estimated_tenths('like_hours.usual_sixtieths') }} as estimated_tenths
    from like_hours
    inner join store_days
        on
            like_hours.store_name = store_days.store_name
            and like_hours.traffic_date = store_days.traffic_date
    where
        like_hours.visits is not null
        and like_hours.usual_sixtieths is not null
        and not store_days.is_closed
),

final as (
    select
        store_name,
        traffic_date,
        cast(sum(cast(floor(
            1000 * abs(counted_tenths - estimated_tenths) / {{ error_scale('estimated_tenths') }}
            + 0.5
        ) as bigint)) as bigint) as error_thousandths,
        cast(sum(
            (counted_tenths - estimated_tenths) * (counted_tenths - estimated_tenths)
        ) as bigint) as error_2,
        cast(sum({{ error_scale_2('estimated_tenths') }}) as bigint) as scale_2,
        cast(count(*) as bigint) as readings_compared
    from estimated
    group by store_name, traffic_date
)

select * from final
