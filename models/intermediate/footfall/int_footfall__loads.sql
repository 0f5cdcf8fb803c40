with readings as (
    select * from {{ ref('int_footfall__readings_unioned') }}
),

final as (
    select
        load_id,
        reading_source,
        cast(count(*) as bigint) as rows_received
    from readings
    group by load_id, reading_source
)

select * from final
