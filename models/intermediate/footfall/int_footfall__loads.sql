with readings as (
    select * from {{ ref('int_footfall__readings_unioned') }}
),

deletions as (
    select * from {{ ref('stg_store_sensors__reading_deletions') }}
),

received as (
    select
        load_id,
        reading_source,
        cast(count(*) as bigint) as rows_received,
        cast(0 as bigint) as deletions_received
    from readings
    group by load_id, reading_source

    union all

    select
        load_id,
        'api' as reading_source,
        cast(0 as bigint) as rows_received,
        cast(count(*) as bigint) as deletions_received
    from deletions
    group by load_id
),

final as (
    select
        load_id,
        reading_source,
        cast(sum(rows_received) as bigint) as rows_received,
        cast(sum(deletions_received) as bigint) as deletions_received
    from received
    group by load_id, reading_source
)

select * from final
