with loads as (
    select * from {{ ref('int_education__load_states') }}
    where
        load_state != 'pending'
        and {{ is_built_after([ref('int_education__replicate_sums')]) }}
),

in_fact as (
    select
        load_id,
        cast(count(*) as bigint) as submissions
    from {{ ref('fct_student_submissions') }}
    group by load_id
),

rejected as (
    select
        load_id,
        cast(count(*) as bigint) as submissions
    from {{ ref('rejected_submissions') }}
    group by load_id
),

deleted as (
    select
        load_id,
        cast(count(*) as bigint) as submissions
    from {{ ref('deleted_submissions') }}
    group by load_id
),

counted as (
    select
        loads.load_id,
        loads.rows_received,
        coalesce(in_fact.submissions, 0) as rows_in_fact,
        coalesce(rejected.submissions, 0) as rows_rejected,
        coalesce(deleted.submissions, 0) as rows_deleted,
        loads.deletions_received
    from loads
    left join in_fact on loads.load_id = in_fact.load_id
    left join rejected on loads.load_id = rejected.load_id
    left join deleted on loads.load_id = deleted.load_id
),

final as (
    select
        *,
        rows_received - rows_in_fact - rows_rejected - rows_deleted as rows_unaccounted,
        {{ epoch_text_to_utc('load_id') }} as loaded_at
    from counted
)

select * from final
