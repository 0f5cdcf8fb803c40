{{ config(materialized='table') }}

-- Most clock hours have one reading: only the others are kept here, and sorted.
with readings as (
    select * from {{ ref('int_footfall__readings_validated') }}
    where rejection_reason is null and detected_at is null
),

repeated as (
    select
        store_name,
        sensor_id,
        read_at_local
    from readings
    group by store_name, sensor_id, read_at_local
    having count(*) > 1
),

-- A value comes before an hour not received, then the newest load, then the last line of a file.
{%- set newest_first -%}
    partition by readings.store_name, readings.sensor_id, readings.read_at_local
            order by
                case when readings.visits is null then 1 else 0 end asc,
                cast(readings.load_id as decimal(24, 9)) desc nulls last,
                readings.line_number desc nulls last,
                readings.file_sha256 desc nulls last,
                readings.sensor_id_reported desc nulls last
{%- endset %}

ranked as (
    select
        readings.*,
        row_number() over ({{ newest_first }}) as reading_rank,
        first_value(readings.file_sha256) over ({{ newest_first }}) as newest_file_sha256
    from readings
    inner join repeated
        on
            readings.store_name = repeated.store_name
            and readings.sensor_id = repeated.sensor_id
            and readings.read_at_local = repeated.read_at_local
),

-- Of an hour that the clocks have twice, the newest file may have both: its last two lines.
final as (
    select
        *,
        reading_rank = 1
        or (
            reading_rank = 2
            and is_hour_repeated
            and coalesce(file_sha256 = newest_file_sha256, false)
        ) as is_accepted
    from ranked
)

select * from final
