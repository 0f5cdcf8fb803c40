{#- Without an id and a start time, a record cannot be matched to a run. -#}
with runs as (
    select * from {{ ref('stg_warehouse__runs') }}
),

valid_runs as (
    select * from runs
    where run_id is not null and started_at is not null
)

select * from valid_runs
