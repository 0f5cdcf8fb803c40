{{ config(materialized='table') }}

with versions as (
    select * from {{ ref('int_crime__versions_cleaned') }}
),

-- The months of every version: a crime that moved to another month is removed from the first.
final as (
    select distinct cast({{ dbt.date_trunc('month', 'occurred_at_local') }} as date) as month_start
    from versions
    where occurred_at_local is not null
)

select * from final
