{#- A record whose beginning cannot be read is of no run that could be told of. -#}
with runs as (
    select * from {{ ref('stg_warehouse__runs') }}
),

told as (
    select * from runs
    where run_id is not null and started_at is not null
)

select * from told
