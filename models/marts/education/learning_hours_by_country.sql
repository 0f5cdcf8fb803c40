with submissions as (
    select * from {{ ref('fct_student_submissions') }}
),

standard_errors as (
    select * from {{ ref('int_education__standard_errors') }}
    where years_of_early_education = -1 and measure = 'learning_minutes_per_week'
),

summed as (
    select
        country_code,
        cast(count(*) as bigint) as submissions_of_country,
        {{ answer_sums('learning_minutes_per_week') }}
    from submissions
    group by country_code
),

final as (
    select
        summed.country_code,
        summed.submissions,
        summed.submissions_weighted,
        {{ exact_mean('summed.total', '(60 * summed.submissions)') }}
            as mean_learning_hours_unweighted,
        {{ exact_mean('summed.weighted_total', '(60 * summed.weight)') }}
            as mean_learning_hours_weighted,
        {{ standard_error_of('standard_errors', times=60) }} as mean_learning_hours_weighted_se
    from summed
    left join standard_errors on summed.country_code = standard_errors.country_code
    where summed.submissions > 0
)

select * from final
