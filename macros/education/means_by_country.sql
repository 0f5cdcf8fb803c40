{# The mean of an answer in each country, of its newest collection that has the answer: the query of
   escs_by_country and learning_hours_by_country.

   answer: a column of fct_student_submissions, and the measure of int_education__standard_errors.
   mean: how the columns call the mean. units: of the answer in one unit of the mean, such as 60 for
   minutes in hours. #}
{% macro means_by_country(answer, mean, units=1) -%}
    {%- set per_unit = '' if units == 1 else units ~ ' * ' -%}
    with sums as (
        select * from {{ ref('int_education__answers_summed') }}
    ),

    standard_errors as (
        select * from {{ ref('int_education__standard_errors') }}
        where years_of_early_education = -1 and measure = '{{ answer }}'
    ),

    summed as (
        select
            {{ collection() }},
            cast(sum(submissions) as bigint) as submissions_of_collection,
            {{ sums_of_answer(answer) }}
        from sums
        group by {{ collection() }}
    ),

    ranked as (
        select
            *,
            row_number() over ({{ newest_collection_first() }}) as collection_rank
        from summed
        where answers > 0
    ),

    final as (
        select
            ranked.country_code,
            ranked.survey_cycle,
            ranked.submission_source,
            ranked.answers as submissions,
            ranked.answers_weighted as submissions_weighted,
            {{ exact_mean('ranked.total', '(' ~ per_unit ~ 'ranked.answers)') }}
                as mean_{{ mean }}_unweighted,
            {{ exact_mean('ranked.weighted_total', '(' ~ per_unit ~ 'ranked.weight)') }}
                as mean_{{ mean }}_weighted,
            {{ standard_error_of('standard_errors', times=units) }} as mean_{{ mean }}_weighted_se
        from ranked
        left join standard_errors on {{ is_same_collection('ranked', 'standard_errors') }}
        where ranked.collection_rank = 1
    )

    select * from final
{%- endmacro %}
