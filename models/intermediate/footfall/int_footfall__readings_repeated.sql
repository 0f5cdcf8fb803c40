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

-- Lines of a file that name the same instant are not the two hours of an hour that is there twice.
counted as (
    select
        readings.*,
        case
            when readings.read_at_reported is null then 1
            else row_number() over (
                partition by
                    readings.store_name, readings.sensor_id, readings.file_sha256,
                    readings.read_at_reported
                order by readings.line_number desc
            )
        end as line_of_instant
    from readings
    inner join repeated
        on
            readings.store_name = repeated.store_name
            and readings.sensor_id = repeated.sensor_id
            and readings.read_at_local = repeated.read_at_local
),

-- A value comes before an hour not received, then the newest load, then the last line of a file.
{%- set newest_first -%}
    partition by store_name, sensor_id, read_at_local
            order by
                case when visits is null then 1 else 0 end asc,
                cast(load_id as decimal(24, 9)) desc nulls last,
                line_of_instant asc,
                line_number desc nulls last,
                file_sha256 desc nulls last,
                sensor_id_reported desc nulls last
{%- endset %}

ranked as (
    select
        *,
        row_number() over ({{ newest_first }}) as reading_rank,
        first_value(file_sha256) over ({{ newest_first }}) as newest_file_sha256
    from counted
),

-- Of an hour that the clocks have twice, the newest file may have both: its last two lines.
final as (
    select
        *,
        reading_rank = 1
        or (
            reading_rank = 2
            and line_of_instant = 1
            and is_hour_repeated
            and coalesce(file_sha256 = newest_file_sha256, false)
        ) as is_accepted
    from ranked
)

select * from final
