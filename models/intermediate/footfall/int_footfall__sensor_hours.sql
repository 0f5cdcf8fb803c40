with hours_read as (
    select * from {{ ref('int_footfall__hours_read') }}
),

hours_missing as (
    select * from {{ ref('int_footfall__hours_missing') }}
),

{% set columns = [
    'hours_in_day', 'changed_hour', 'visits_reported', 'visits_other_hour', 'rows_received',
    'is_complete_day', 'is_affected', 'traffic_date', 'starts_at', 'read_at_local'
] | join(',\n        ') %}

hours as (
    select
        store_name,
        sensor_id,
        sensor_number,
        time_zone,
        load_id,
        {{ columns }}
    from hours_read

    union all

    select
        store_name,
        sensor_id,
        sensor_number,
        time_zone,
        cast(null as string) as load_id,
        hours_in_day,
        changed_hour,
        cast(null as bigint) as visits_reported,
        cast(null as bigint) as visits_other_hour,
        cast(0 as integer) as rows_received,
        is_complete_day,
        is_affected,
        traffic_date,
        starts_at,
        read_at_local
    from hours_missing
),

final as (
    select
        hours.store_name,
        hours.sensor_id,
        hours.sensor_number,
        hours.time_zone,
        hours.load_id,
        cast(hour(hours.read_at_local) as integer) as hour_of_day,
        hours.hours_in_day,
        case
            when hours.hours_in_day = 25 and hours.changed_hour = hour(hours.read_at_local)
                then 2
            else 1
        end as hours_covered,
        hours.visits_reported,
        hours.visits_other_hour,
        hours.rows_received,
        hours.is_complete_day,
        hours.is_affected,
        hours.traffic_date,
        {{ hour_starts_at('hours', 'hour(hours.read_at_local)') }} as read_at,
        hours.read_at_local
    from hours
)

select * from final
