with submissions as (
    select * from {{ ref('fct_student_submissions') }}
),

standard_errors as (
    select * from {{ ref('int_education__standard_errors') }}
    where measure = 'belonging'
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
        years_of_early_education,
        cast(count(*) as bigint) as submissions,
        cast(count(student_weight) as bigint) as submissions_weighted,
        {{ unweighted_sum('belonging') }} as belonging,
        {{ weighted_sum('belonging', 'student_weight') }} as weighted_belonging,
        {{ weight_of('belonging', 'student_weight') }} as weight
    from submissions
    where years_of_early_education is not null and belonging is not null
    group by country_code, years_of_early_education
),

final as (
    select
        summed.country_code,
        summed.years_of_early_education,
        summed.submissions,
        summed.submissions_weighted,
        {{ exact_mean('summed.belonging', 'summed.submissions') }} as mean_belonging_unweighted,
        {{ exact_mean('summed.weighted_belonging', 'summed.weight') }} as mean_belonging_weighted,
        {{ standard_error_of('standard_errors') }} as mean_belonging_weighted_se
    from summed
    inner join counted on summed.country_code = counted.country_code
    left join standard_errors
        on
            summed.country_code = standard_errors.country_code
            and summed.years_of_early_education = standard_errors.years_of_early_education
)

select * from final
