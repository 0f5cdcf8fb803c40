{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key='reading_key',
        on_schema_change='fail',
        meta={'touched_in': 'int_footfall__rows_touched'}
    )
}}

-- Touched rows: depends_on: {{ ref('int_footfall__rows_touched') }}
with readings as (
    select * from {{ ref('int_footfall__readings_checked') }}
    where rejection_reason is not null
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
)

select * from final
