with responses as (
    select load_id from {{ ref('stg_pisa__responses') }}
),

students as (
    select load_id from {{ ref('stg_pisa__file_students') }}
),

deletions as (
    select load_id from {{ ref('stg_pisa__response_deletions') }}
),

received as (
    select
        load_id,
        1 as is_row
    from responses

    union all

    select
        load_id,
        1 as is_row
    from students

    union all

    select
        load_id,
        0 as is_row
    from deletions
),

final as (
    select
        load_id,
        cast(sum(is_row) as bigint) as rows_received,
        cast(sum(1 - is_row) as bigint) as deletions_received
    from received
    group by load_id
)

select * from final
