with responses as (
    select load_id from {{ ref('stg_pisa__responses') }}
),

students as (
    select load_id from {{ ref('stg_pisa__file_students') }}
),

received as (
    select load_id from responses

    union all

    select load_id from students
),

final as (
    select
        load_id,
        cast(count(*) as bigint) as rows_received
    from received
    group by load_id
)

select * from final
