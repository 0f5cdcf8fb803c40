with loads as (
    select * from {{ ref('int_footfall__load_states') }}
    where
        load_state != 'pending'
        and {{ is_built_after([
        ref('sensor_traffic_daily'),
        ref('store_traffic_hourly'),
        ref('store_traffic_daily')
    ]) }}
),

received as (
    select
        load_id,
        cast(sum(rows_received) as bigint) as rows_received,
        cast(sum(deletions_received) as bigint) as deletions_received
    from loads
    group by load_id
),

in_hours as (
    select
        load_id,
        cast(count(*) as bigint) as readings
    from {{ ref('sensor_traffic_hourly') }}
    where load_id is not null
    group by load_id
),

rejected as (
    select
        load_id,
        cast(count(*) as bigint) as readings
    from {{ ref('rejected_readings') }}
    group by load_id
),

superseded as (
    select
        load_id,
        cast(count(*) as bigint) as readings
    from {{ ref('superseded_readings') }}
    group by load_id
),

deleted as (
    select
        load_id,
        cast(count(*) as bigint) as readings
    from {{ ref('deleted_readings') }}
    group by load_id
),

counted as (
    select
        received.load_id,
        received.rows_received,
        coalesce(in_hours.readings, 0) as rows_in_traffic,
        coalesce(rejected.readings, 0) as rows_rejected,
        coalesce(superseded.readings, 0) as rows_superseded,
        coalesce(deleted.readings, 0) as rows_deleted,
        received.deletions_received
    from received
    left join in_hours on received.load_id = in_hours.load_id
    left join rejected on received.load_id = rejected.load_id
    left join superseded on received.load_id = superseded.load_id
    left join deleted on received.load_id = deleted.load_id
),

final as (
    select
        *,
        rows_received - rows_in_traffic - rows_rejected - rows_superseded - rows_deleted
            as rows_unaccounted,
        {{ epoch_text_to_utc('load_id') }} as loaded_at
    from counted
)

select * from final
