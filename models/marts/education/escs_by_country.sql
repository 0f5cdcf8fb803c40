with submissions as (
    select * from {{ ref('fct_student_submissions') }}
),

standard_errors as (
    select * from {{ ref('int_education__standard_errors') }}
    where years_of_early_education = -1 and measure = 'escs'
),

summed as (
    select
        country_code,
        cast(count(*) as bigint) as submissions_of_country,
        {{ answer_sums('escs') }}
    from submissions
    group by country_code
),

final as (
    select
        summed.country_code,
        summed.submissions,
        summed.submissions_weighted,
        {{ exact_mean('summed.total', 'summed.submissions') }} as mean_escs_unweighted,
        {{ exact_mean('summed.weighted_total', 'summed.weight') }} as mean_escs_weighted,
        {{ standard_error_of('standard_errors') }} as mean_escs_weighted_se
    from summed
    left join standard_errors on summed.country_code = standard_errors.country_code
    where summed.submissions > 0
)

select * from final
