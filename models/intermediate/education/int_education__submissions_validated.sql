with submissions as (
    select * from {{ ref('int_education__submissions_unioned') }}
),

countries as (
    select * from {{ ref('countries') }}
),

enriched as (
    select
        submissions.*,
        countries.country_code is not null as is_country_known
    from submissions
    left join countries on submissions.country_code = countries.country_code
),

final as (
    select
        *,
        {{ rejection_reason(submission_rules()) }} as rejection_reason,
        {{ unless_a_code('durecec', 95, 99) }} as years_of_early_education,
        {{ unless_a_code('tmins', 99999995, 99999999) }} as learning_minutes_per_week,
        {{ unless_a_code('belong', 95, 99) }} as belonging,
        {{ unless_a_code('escs', 95, 99) }} as socio_economic_status
    from enriched
)

select * from final
