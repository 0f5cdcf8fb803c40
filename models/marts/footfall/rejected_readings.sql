{{ config(materialized='incremental', unique_key='reading_key') }}

with readings as (
    select * from {{ ref('int_footfall__readings_validated') }}
),

final as (
    select
        {{ reading_key() }} as reading_key,
        store_name,
        rejection_reason as reason,
        raw_row,
        load_id,
        reading_source as source,
        file_name,
        line_number,
        sensor_id,
        traffic_date
    from readings
    where rejection_reason is not null
),

affected as ( -- noqa: ST03
    select distinct {{ reading_key() }} as reading_key
    from readings
)

{{ rows_of_affected('affected', 'final', ['reading_key']) }}
