with submissions as (
    select {{ hours_since_1970('submitted_at') }} as hour_number
    from {{ ref('fct_student_submissions') }}
    where submitted_at is not null
),

counted as (
    select
        hour_number,
        cast(count(*) as bigint) as submissions
    from submissions
    group by hour_number
),

span as (
    select
        min(hour_number) as first_hour,
        max(hour_number) as last_hour
    from counted
),

hours as (
    select {{ every_number('first_hour', 'last_hour') }} as hour_number
    from span
    where first_hour is not null
),

final as (
    select
        {{ hour_since_1970_starts_at('hours.hour_number') }} as hour_start,
        coalesce(counted.submissions, 0) as submissions
    from hours
    left join counted on hours.hour_number = counted.hour_number
)

select * from final
