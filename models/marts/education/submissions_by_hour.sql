with submissions as (
    select * from {{ ref('fct_student_submissions') }}
    where submitted_at is not null
),

counted as (
    select
        {{ dbt.date_trunc('hour', utc_to_local('submitted_at', "'UTC'")) }} as hour_start,
        cast(count(*) as bigint) as submissions
    from submissions
    group by {{ dbt.date_trunc('hour', utc_to_local('submitted_at', "'UTC'")) }}
),

span as (
    select
        min(hour_start) as first_hour,
        max(hour_start) as last_hour
    from counted
),

hours as (
    select {{ every_hour('first_hour', 'last_hour') }} as hour_start
    from span
    where first_hour is not null
),

final as (
    select
        coalesce(counted.submissions, 0) as submissions,
        {{ local_to_utc('hours.hour_start', "'UTC'") }} as hour_start
    from hours
    left join counted on hours.hour_start = counted.hour_start
)

select * from final
