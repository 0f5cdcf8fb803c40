-- Students of files have no time of submission.
with submissions as (
    select * from {{ ref('fct_student_submissions') }}
    where submitted_at is not null
),

newest as (
    select
        country_code,
        load_id,
        max(submitted_at) as submitted_at
    from submissions
    group by country_code, load_id
),

dated as (
    select
        country_code,
        cast({{ utc_to_local('submitted_at', "'UTC'") }} as date) as submitted_date,
        cast(
            {{ utc_to_local(epoch_text_to_utc('load_id'), "'UTC'") }} as date
        ) as loaded_date
    from newest
),

final as (
    select
        country_code as part,
        'UTC' as time_zone,
        max(case
            when submitted_date < loaded_date then submitted_date
            else {{ plus_days('submitted_date', -1) }}
        end) as data_through_date,
        max(submitted_date) as newest_date
    from dated
    group by country_code
)

select * from final
