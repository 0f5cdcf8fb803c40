-- The reading of each sensor and clock hour that no other supersedes; both, of an hour that the
-- clocks have twice.
with readings as (
    select
        store_name,
        sensor_id,
        load_id,
        visits,
        visits_other_hour,
        cast(1 as integer) as rows_received,
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
    where
        not exists (
            select 1 from repeated
            where
                repeated.store_name = readings.store_name
                and repeated.sensor_id = readings.sensor_id
                and repeated.read_at_local = readings.read_at_local
        )

    union all

    select
        store_name,
        sensor_id,
        load_id,
        max(case when reading_rank = 1 then visits end) as visits,
        max(case when reading_rank = 1 then visits_other_hour else visits end)
            as visits_other_hour,
        cast(count(*) as integer) as rows_received,
        traffic_date,
        read_at_local
    from repeated
    where is_accepted
    group by store_name, sensor_id, load_id, traffic_date, read_at_local
)

select * from final
