{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key=['store_name', 'traffic_date'],
        on_schema_change='fail',
        meta={'touched_in': 'int_footfall__days_received'}
    )
}}

-- Days read again: depends_on: {{ ref('int_footfall__days_received') }}
with readings as (
    select * from {{ ref('int_footfall__readings_checked') }}
    where detected_at is not null
),

final as (
    select
        {{ reading_key() }} as reading_key,
        store_name,
        sensor_id,
        load_id,
        visits as visits_reported,
        traffic_date,
        read_at_local,
        detected_at
    from readings
)

select * from final
