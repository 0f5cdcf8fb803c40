{{ config(materialized='table') }}

{% set settings = estimate_settings() -%}
with errors as (
    select * from {{ ref('int_footfall__errors_of_days') }}
),

store_days as (
    select * from {{ ref('int_footfall__store_days') }}
),

days as (
    select
        store_days.*,
        errors.error_thousandths,
        errors.error_2,
        errors.scale_2,
        errors.readings_compared,
        case
            when store_days.usual_known > 0 and not store_days.is_closed
                then cast(floor(
                    10000.0 * (60 * store_days.visits_known - store_days.usual_known)
                    / store_days.usual_known + 0.5
                ) as bigint)
        end as deviation
    from store_days
    left join errors
        on
            store_days.store_name = errors.store_name
            and store_days.traffic_date = errors.traffic_date
),

{% set sums = {
    'error_thousandths': 'error_thousandths', 'error_2': 'error_2', 'scale_2': 'scale_2',
    'readings_compared': 'readings_compared', 'deviation_2': 'deviation * deviation'
} -%}
summed as (
    select
        store_name,
        opening_hours_source,
        opens_at_hour,
        closes_at_hour,
        is_closed,
        usual_known,
        readings_known,
        day_factor,
        {%- for name, value in sums.items() %}
        cast(sum({{ value }}) over ({{ like_weeks('store_name, iso_weekday') }}) as bigint)
            as {{ name }},
        {%- endfor %}
        count(deviation) over ({{ like_weeks('store_name, iso_weekday') }}) as days_compared,
        traffic_date
    from days
),

final as (
    select
        store_name,
        opening_hours_source,
        opens_at_hour,
        closes_at_hour,
        is_closed,
        day_factor,
        usual_known,
        case
            when readings_compared > 0
                then cast(error_thousandths as double) / (1000 * readings_compared)
        end as mean_error,
        case
            when readings_compared > 0
                then (cast(error_2 as double) / scale_2) * (1 + 1.0 / greatest(readings_known, 1))
        end as error_variance,
        case
            when days_compared > 0
                then
                    sqrt(cast(deviation_2 as double) / days_compared) / 10000
                    * {{ settings['prior_hours'] }}
                    / (readings_known + {{ settings['prior_hours'] }})
        end as day_error,
        traffic_date
    from summed
)

select * from final
