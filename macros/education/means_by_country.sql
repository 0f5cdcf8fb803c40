{# The mean of an answer in each country: the query of escs_by_country and
   learning_hours_by_country.

   answer: a column of fct_student_submissions, and the measure of int_education__standard_errors.
   mean: how the columns call the mean. units: of the answer in one unit of the mean, such as 60 for
   minutes in hours. #}
{% macro means_by_country(answer, mean, units=1) -%}
    {%- set per_unit = '' if units == 1 else units ~ ' * ' -%}
    with submissions as (
        select * from {{ ref('fct_student_submissions') }}
    ),

    standard_errors as (
        select * from {{ ref('int_education__standard_errors') }}
        where years_of_early_education = -1 and measure = '{{ answer }}'
    ),

    summed as (
        select
            country_code,
            cast(count(*) as bigint) as submissions_of_country,
            cast(count({{ answer }}) as bigint) as submissions,
            cast(count(
                case when {{ answer }} is not null then student_weight end
            ) as bigint) as submissions_weighted,
            {{ unweighted_sum(answer) }} as total,
            {{ weighted_sum(answer, 'student_weight') }} as weighted_total,
            {{ weight_of(answer, 'student_weight') }} as weight
        from submissions
        group by country_code
    ),

    final as (
        select
            summed.country_code,
            summed.submissions,
            summed.submissions_weighted,
            {{ exact_mean('summed.total', '(' ~ per_unit ~ 'summed.submissions)') }}
                as mean_{{ mean }}_unweighted,
            {{ exact_mean('summed.weighted_total', '(' ~ per_unit ~ 'summed.weight)') }}
                as mean_{{ mean }}_weighted,
            {{ standard_error_of('standard_errors', times=units) }} as mean_{{ mean }}_weighted_se
        from summed
        left join standard_errors on summed.country_code = standard_errors.country_code
        where summed.submissions > 0
    )

    select * from final
{%- endmacro %}
