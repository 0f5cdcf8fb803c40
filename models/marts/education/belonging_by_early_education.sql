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
        {{ collection() }},
        cast(count(*) as bigint) as submissions_of_collection
    from {{ ref('fct_student_submissions') }}
    group by {{ collection() }}
),

summed as (
    select
        {{ collection() }},
        cast(count(*) as bigint) as submissions,
        cast(count(student_weight) as bigint) as submissions_weighted,
        {{ unweighted_sum('years_of_early_education') }} as years,
        {{ unweighted_sum('belonging') }} as belonging,
        {{ weighted_sum('years_of_early_education', 'student_weight') }} as weighted_years,
        {{ weighted_sum('belonging', 'student_weight') }} as weighted_belonging,
        {{ weight_of('belonging', 'student_weight') }} as weight
    from submissions
    where years_of_early_education is not null and belonging is not null
    group by {{ collection() }}
),

ranked as (
    select
        *,
        row_number() over ({{ newest_collection_first() }}) as collection_rank
    from summed
),

final as (
    select
        ranked.country_code,
        ranked.submissions,
        ranked.submissions_weighted,
        {{ exact_mean('ranked.years', 'ranked.submissions') }}
            as mean_years_of_early_education_unweighted,
        {{ exact_mean('ranked.weighted_years', 'ranked.weight') }}
            as mean_years_of_early_education_weighted,
        {{ standard_error_of('errors_of_years') }} as mean_years_of_early_education_weighted_se,
        {{ exact_mean('ranked.belonging', 'ranked.submissions') }} as mean_belonging_unweighted,
        {{ exact_mean('ranked.weighted_belonging', 'ranked.weight') }} as mean_belonging_weighted,
        {{ standard_error_of('errors_of_belonging') }} as mean_belonging_weighted_se,
        ranked.submission_source,
        ranked.survey_cycle
    from ranked
    inner join counted
        on
            ranked.country_code = counted.country_code
            and ranked.submission_source = counted.submission_source
            and ranked.survey_cycle is not distinct from counted.survey_cycle
    left join standard_errors as errors_of_years
        on
            {{ is_same_collection('ranked', 'errors_of_years') }}
            and errors_of_years.measure = 'years_of_early_education'
    left join standard_errors as errors_of_belonging
        on
            {{ is_same_collection('ranked', 'errors_of_belonging') }}
            and errors_of_belonging.measure = 'belonging'
    where ranked.collection_rank = 1
)

select * from final
