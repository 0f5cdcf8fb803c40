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
        cast(count(learning_minutes_per_week) as bigint) as submissions,
        cast(count(
            case when learning_minutes_per_week is not null then student_weight end
        ) as bigint) as submissions_weighted,
        {{ unweighted_sum('learning_minutes_per_week') }} as total,
        {{ weighted_sum('learning_minutes_per_week', 'student_weight') }} as weighted_total,
        {{ weight_of('learning_minutes_per_week', 'student_weight') }} as weight
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
