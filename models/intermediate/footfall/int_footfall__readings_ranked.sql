{{ config(materialized='table') }}

with readings as (
    select
        reading_source,
        store_name,
        sensor_id_reported,
        read_at_local_reported,
        file_sha256,
        file_name,
        load_id,
        rejection_reason,
        raw_row,
        line_number,
        sensor_id,
        visits,
        traffic_date,
        read_at_local
    from {{ ref('int_footfall__readings_checked') }}
),

-- Most hours have one reading: only the others are sorted.
repeated as (
    select
        store_name,
        sensor_id,
        read_at_local
    from readings
    where rejection_reason is null
    group by store_name, sensor_id, read_at_local
    having count(*) > 1
),

-- A value beats an hour that was not received; then the newest load, and the last line of a file.
ranked as (
    select
        readings.*,
        row_number() over (
            partition by readings.store_name, readings.sensor_id, readings.read_at_local
            order by
                case when readings.visits is null then 1 else 0 end asc,
                cast(readings.load_id as decimal(24, 9)) desc nulls last,
                readings.line_number desc nulls last,
                readings.file_sha256 desc nulls last,
                readings.sensor_id_reported desc nulls last
        ) as reading_rank
    from readings
    inner join repeated
        on
            readings.store_name = repeated.store_name
            and readings.sensor_id = repeated.sensor_id
            and readings.read_at_local = repeated.read_at_local
    where readings.rejection_reason is null
),

final as (
    select
        readings.*,
        case when readings.rejection_reason is null then 1 end as reading_rank
    from readings
    left join repeated
        on
            readings.store_name = repeated.store_name
            and readings.sensor_id = repeated.sensor_id
            and readings.read_at_local = repeated.read_at_local
    where readings.rejection_reason is not null or repeated.store_name is null

    union all

    select * from ranked
)

select * from final
