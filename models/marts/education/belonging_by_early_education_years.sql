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
        {{ collection() }},
        cast(count(*) as bigint) as submissions_of_collection
    from {{ ref('fct_student_submissions') }}
    group by {{ collection() }}
),

summed as (
    select
        {{ collection() }},
        years_of_early_education,
        cast(count(*) as bigint) as submissions,
        cast(count(student_weight) as bigint) as submissions_weighted,
        {{ unweighted_sum('belonging') }} as belonging,
        {{ weighted_sum('belonging', 'student_weight') }} as weighted_belonging,
        {{ weight_of('belonging', 'student_weight') }} as weight
    from submissions
    where years_of_early_education is not null and belonging is not null
    group by {{ collection() }}, years_of_early_education
),

ranked as (
    select
        *,
        dense_rank() over ({{ newest_collection_first() }}) as collection_rank
    from summed
),

final as (
    select
        ranked.country_code,
        ranked.years_of_early_education,
        ranked.submissions,
        ranked.submissions_weighted,
        {{ exact_mean('ranked.belonging', 'ranked.submissions') }} as mean_belonging_unweighted,
        {{ exact_mean('ranked.weighted_belonging', 'ranked.weight') }} as mean_belonging_weighted,
        {{ standard_error_of('standard_errors') }} as mean_belonging_weighted_se,
        ranked.submission_source,
        ranked.survey_cycle
    from ranked
    inner join counted
        on
            ranked.country_code = counted.country_code
            and ranked.submission_source = counted.submission_source
            and ranked.survey_cycle is not distinct from counted.survey_cycle
    left join standard_errors
        on
            {{ is_same_collection('ranked', 'standard_errors') }}
            and ranked.years_of_early_education = standard_errors.years_of_early_education
    where ranked.collection_rank = 1
)

select * from final
