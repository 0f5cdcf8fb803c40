with submissions as (
    select * from {{ ref('fct_student_submissions') }}
),

final as (
    select
        cast(count(*) as bigint) as submissions,
        min(submitted_at) as first_submitted_at,
        max(submitted_at) as last_submitted_at
    from submissions
)

select * from final
