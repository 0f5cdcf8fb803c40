-- The reading of each sensor and clock hour that no other supersedes.
with readings as (
    select
        store_name,
        sensor_id,
        load_id,
        visits,
        traffic_date,
        read_at_local
    from {{ ref('int_footfall__readings_validated') }}
    where rejection_reason is null and detected_at is null
),

repeated as (
    select * from {{ ref('int_footfall__readings_repeated') }}
),

final as (
    select *
    from readings
    where (store_name, sensor_id, read_at_local) not in (
        select
            repeated.store_name,
            repeated.sensor_id,
            repeated.read_at_local
        from repeated
    )

    union all

    select
        store_name,
        sensor_id,
        load_id,
        visits,
        traffic_date,
        read_at_local
    from repeated
    where reading_rank = 1
)

select * from final
