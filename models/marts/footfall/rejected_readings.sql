{{ config(materialized='incremental', unique_key='reading_key') }}

with readings as (
    select * from {{ ref('int_footfall__readings_validated') }}
),

final as (
    select
        {{ reading_key() }} as reading_key,
        store_name,
        sensor_id,
        traffic_date,
        rejection_reason as reason,
        raw_row,
        reading_source as source,
        file_name,
        line_number,
        load_id
    from readings
    where rejection_reason is not null
),

affected as ( -- noqa: ST03
    select distinct {{ reading_key() }} as reading_key
    from readings
)

{{ rows_of_affected('affected', 'final', ['reading_key']) }}
