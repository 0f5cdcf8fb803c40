with sums as (
    select * from {{ ref('int_education__answers_summed') }}
),

standard_errors as (
    select * from {{ ref('int_education__standard_errors') }}
    where years_of_early_education = -1
),

counted as (
    select
        {{ collection() }},
        cast(sum(submissions) as bigint) as submissions_of_collection
    from sums
    group by {{ collection() }}
),

-- The years of those with belonging: each number of years has the same for all of them.
summed as (
    select
        {{ collection() }},
        cast(sum(years_of_early_education * belonging_answers) as decimal(24, 6)) as years,
        cast(sum(years_of_early_education * belonging_weight) as decimal(30, 12)) as weighted_years,
        {{ sums_of_answer('belonging') }}
    from sums
    where years_of_early_education is not null
    group by {{ collection() }}
    having sum(belonging_answers) > 0
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
        ranked.survey_cycle,
        ranked.submission_source,
        ranked.answers as submissions,
        ranked.answers_weighted as submissions_weighted,
        {{ exact_mean('ranked.years', 'ranked.answers') }}
            as mean_years_of_early_education_unweighted,
        {{ exact_mean('ranked.weighted_years', 'ranked.weight') }}
            as mean_years_of_early_education_weighted,
        {{ standard_error_of('errors_of_years') }} as mean_years_of_early_education_weighted_se,
        {{ exact_mean('ranked.total', 'ranked.answers') }} as mean_belonging_unweighted,
        {{ exact_mean('ranked.weighted_total', 'ranked.weight') }} as mean_belonging_weighted,
        {{ standard_error_of('errors_of_belonging') }} as mean_belonging_weighted_se
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
