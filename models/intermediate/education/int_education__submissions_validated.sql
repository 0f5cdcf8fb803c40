{{ config(materialized='table') }}

{#- Three models read it, and the casts and rules cost more than to write their results. #}
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

answered as (
    select
        *,
        {{ unless_a_code('durecec') }} as years_of_early_education,
        {{ unless_a_code('tmins', digits_of_minute_codes()) }} as learning_minutes_per_week,
        {{ unless_a_code('st059q02ja') }} as class_periods_per_week,
        {{ unless_a_code('belong') }} as belonging,
        {{ unless_a_code('escs') }} as socio_economic_status
    from enriched
),

final as (
    select
        *,
        case
            when line_problem is not null then {{ line_rejected() }}
            else {{ rejection_reason(submission_rules()) }}
        end as rejection_reason
    from answered
)

select * from final
