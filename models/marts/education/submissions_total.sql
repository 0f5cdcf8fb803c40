with submissions as (
    select * from {{ ref('fct_student_submissions') }}
),

final as (
    select
        min(submitted_at) as first_submitted_at,
        max(submitted_at) as last_submitted_at,
        cast(count(*) as bigint) as submissions
    from submissions
)

select * from final
