with loads as (
    select * from {{ ref('int_crime__load_states') }}
    where
        load_state != 'pending'
        and {{ is_built_after([ref('crime_changes')]) }}
),

in_fact as (
    select
        load_id,
        source_dataset,
        cast(sum(crimes) as bigint) as versions
    from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'load'
    group by all
),

rejected as (
    select
        load_id,
        source_dataset,
        cast(count(*) as bigint) as versions
    from {{ ref('rejected_crimes') }}
    group by all
),

superseded as (
    select
        load_id,
        source_dataset,
        cast(count(*) as bigint) as versions
    from {{ ref('superseded_crimes') }}
    group by all
),

counted as (
    select
        loads.load_id,
        loads.source_dataset,
        loads.rows_received,
        coalesce(in_fact.versions, 0) as rows_in_fact,
        coalesce(rejected.versions, 0) as rows_rejected,
        coalesce(superseded.versions, 0) as rows_superseded,
        loads.deletions_received
    from loads
    left join in_fact
        on loads.load_id = in_fact.load_id and loads.source_dataset = in_fact.source_dataset
    left join rejected
        on loads.load_id = rejected.load_id and loads.source_dataset = rejected.source_dataset
    left join superseded
        on loads.load_id = superseded.load_id and loads.source_dataset = superseded.source_dataset
),

final as (
    select
        *,
        rows_received - rows_in_fact - rows_rejected - rows_superseded as rows_unaccounted,
        {{ epoch_text_to_utc('load_id') }} as loaded_at
    from counted
)

select * from final
