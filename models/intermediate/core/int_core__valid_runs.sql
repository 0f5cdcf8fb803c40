{#- A record whose beginning cannot be read belongs to no run. -#}
with runs as (
    select * from {{ ref('stg_warehouse__runs') }}
),

valid_runs as (
    select * from runs
    where run_id is not null and started_at is not null
)

select * from valid_runs
