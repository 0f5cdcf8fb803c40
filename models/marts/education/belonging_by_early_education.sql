with submissions as (
    select * from {{ ref('fct_student_submissions') }}
),

standard_errors as (
    select * from {{ ref('int_education__standard_errors') }}
    where years_of_early_education = -1
),

-- A second reference to the CTE would make engines copy it.
counted as (
    select
        country_code,
        cast(count(*) as bigint) as submissions_of_country
    from {{ ref('fct_student_submissions') }}
    group by country_code
),

summed as (
    select
        country_code,
        cast(count(*) as bigint) as submissions,
        cast(count(student_weight) as bigint) as submissions_weighted,
        {{ unweighted_sum('years_of_early_education') }} as years,
        {{ unweighted_sum('belonging') }} as belonging,
        {{ weighted_sum('years_of_early_education', 'student_weight') }} as weighted_years,
        {{ weighted_sum('belonging', 'student_weight') }} as weighted_belonging,
        {{ weight_of('belonging', 'student_weight') }} as weight
    from submissions
    where years_of_early_education is not null and belonging is not null
    group by country_code
),

final as (
    select
        summed.country_code,
        summed.submissions,
        summed.submissions_weighted,
        {{ exact_mean('summed.years', 'summed.submissions') }}
            as mean_years_of_early_education_unweighted,
        {{ exact_mean('summed.weighted_years', 'summed.weight') }}
            as mean_years_of_early_education_weighted,
        {{ standard_error_of('errors_of_years') }} as mean_years_of_early_education_weighted_se,
        {{ exact_mean('summed.belonging', 'summed.submissions') }} as mean_belonging_unweighted,
        {{ exact_mean('summed.weighted_belonging', 'summed.weight') }} as mean_belonging_weighted,
        {{ standard_error_of('errors_of_belonging') }} as mean_belonging_weighted_se
    from summed
    inner join counted on summed.country_code = counted.country_code
    left join standard_errors as errors_of_years
        on
            summed.country_code = errors_of_years.country_code
            and errors_of_years.measure = 'years_of_early_education'
    left join standard_errors as errors_of_belonging
        on
            summed.country_code = errors_of_belonging.country_code
            and errors_of_belonging.measure = 'belonging'
)

select * from final
