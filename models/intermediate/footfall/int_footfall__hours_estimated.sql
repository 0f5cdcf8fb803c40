{{ config(materialized='table') }}

{% set settings = estimate_settings() -%}
{% set like_hours = ref('int_footfall__like_hours') -%}
with lacking as (
    select * from {{ like_hours }}
    where readings_lacking > 0
),

store_days as (
    select * from {{ ref('int_footfall__estimate_errors') }}
),

-- Of an hour without a like hour that was counted: the store's, times the ratio of the sensor to
-- the store in the hours in which the sensor counted.
ratios as (
    select
        lacking.sensor_number,
        lacking.read_at_local,
        cast(sum(known.visits) as bigint) as visits,
        cast(sum(known.store_usual_sixtieths) as bigint) as store_usual_sixtieths
    from lacking
    inner join {{ like_hours }} as known
        on
            lacking.sensor_number = known.sensor_number
            and lacking.iso_weekday = known.iso_weekday
    where
        lacking.usual_sixtieths is null
        and known.visits is not null
        and abs(lacking.week_number - known.week_number) <= {{ settings['weeks'] }}
    group by lacking.sensor_number, lacking.read_at_local
),

with_usual as (
    select
        lacking.*,
        store_days.day_factor,
        store_days.mean_error,
        store_days.day_error,
        case
            when lacking.is_store_closed then 0
            when lacking.usual_sixtieths is not null then lacking.usual_sixtieths
            when ratios.store_usual_sixtieths > 0
                then cast(floor(
                    60.0 * ratios.visits / ratios.store_usual_sixtieths
                    * lacking.store_usual_sixtieths + 0.5
                ) as bigint)
        end as usual_or_ratio
    from lacking
    inner join store_days
        on
            lacking.store_name = store_days.store_name
            and lacking.traffic_date = store_days.traffic_date
    left join ratios
        on
            lacking.sensor_number = ratios.sensor_number
            and lacking.read_at_local = ratios.read_at_local
),

estimated as (
    select
        *,
        readings_lacking * {{ estimated_tenths('usual_or_ratio') }} as estimated_tenths
    from with_usual
    where usual_or_ratio is not null
),

final as (
    select
        store_name,
        sensor_id,
        sensor_number,
        cast(readings_lacking as bigint) as readings_estimated,
        estimated_tenths,
        case when estimated_tenths = 0 then 0 else cast(ceil(sqrt(
            {{ settings['error_multiple_90'] ** 2 }} * mean_error * mean_error
            * {{ error_scale_2('estimated_tenths') }}
            + {{ settings['deviations_90'] ** 2 }}
            * day_error * day_error * estimated_tenths * estimated_tenths
        )) as bigint) end as half_width_tenths,
        case when estimated_tenths = 0 then 0 else {{ error_scale_2('estimated_tenths') }} end
            as scale_2,
        case
            when estimated_tenths = 0 then 0
            else cast(floor(
                cast({{ error_scale_2('estimated_tenths') }} as double)
                * (others_counted + hours_lacking) / (others_counted + 1) + 0.5
            ) as bigint)
        end as scale_2_of_period,
        traffic_date,
        read_at_local
    from estimated
)

select * from final
