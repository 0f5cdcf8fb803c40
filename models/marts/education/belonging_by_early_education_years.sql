with sums as (
    select * from {{ ref('int_education__answers_summed') }}
),

standard_errors as (
    select * from {{ ref('int_education__standard_errors') }}
    where measure = 'belonging'
),

counted as (
    select
        {{ collection() }},
        cast(sum(submissions) as bigint) as submissions_of_collection
    from sums
    group by {{ collection() }}
),

ranked as (
    select
        *,
        dense_rank() over ({{ newest_collection_first() }}) as collection_rank
    from sums
    where years_of_early_education is not null and belonging_answers > 0
),

final as (
    select
        ranked.country_code,
        ranked.years_of_early_education,
        ranked.survey_cycle,
        ranked.submission_source,
        ranked.belonging_answers as submissions,
        ranked.belonging_answers_weighted as submissions_weighted,
        {{ exact_mean('ranked.belonging_total', 'ranked.belonging_answers') }}
            as mean_belonging_unweighted,
        {{ exact_mean('ranked.belonging_weighted_total', 'ranked.belonging_weight') }}
            as mean_belonging_weighted,
        {{ standard_error_of('standard_errors') }} as mean_belonging_weighted_se
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
