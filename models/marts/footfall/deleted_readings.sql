{{ config(materialized='incremental', unique_key=['store_name', 'traffic_date']) }}

with days_received as ( -- noqa: ST03
    select * from {{ ref('int_footfall__days_received') }}
),

readings as (
    select * from {{ ref('int_footfall__readings_validated') }}
    where detected_at is not null
),

final as (
    select
        {{ reading_key() }} as reading_key,
        store_name,
        sensor_id,
        traffic_date,
        read_at_local,
        visits as visits_reported,
        detected_at,
        load_id
    from readings
)

{{ rows_of_affected('days_received', 'final', ['store_name', 'traffic_date']) }}
