{#- The sums of countries with an affected line of a file are computed again. Submissions from
    databases have no replicate weights, so that their loads need no work here. -#}
{{ config(materialized='incremental', unique_key=['country_code', 'submission_source']) }}

{%- set weights = ['submissions.w_fstuwt'] -%}
{%- for number in range(1, replicates() + 1) -%}
{%- do weights.append('students.replicate_weight_' ~ number) -%}
{%- endfor %}

with submissions as (
    select *
    from {{ ref('int_education__submissions_validated') }}
    where submission_source = 'file' and rejection_reason is null
),

students_superseded as (
    select * from {{ ref('int_education__students_repeated') }}
    where student_rank > 1
),

students as (
    select * from {{ ref('stg_pisa__file_students') }}
    where {{ has_replicate_weights() }}
),

countries_affected as ( -- noqa: ST03
    select distinct
        country_code,
        submission_source
    from {{ ref('int_education__submissions_affected') }}
    where submission_source = 'file'
),

-- One row for each weight; replicate 0 is the final weight itself.
weighted as (
    select
        submissions.country_code,
        submissions.survey_cycle,
        submissions.years_of_early_education,
        submissions.learning_minutes_per_week,
        submissions.belonging,
        submissions.socio_economic_status,
        {{ columns_as_rows(weights, 'replicate', 'weight') }}
    from submissions
    inner join students
        on
            submissions.file_sha256 = students.file_sha256
            and submissions.line_number = students.line_number
    left join students_superseded
        on
            submissions.file_sha256 = students_superseded.file_sha256
            and submissions.line_number = students_superseded.line_number
    where
        students_superseded.student_rank is null
        and submissions.country_code in (
            select countries_affected.country_code from countries_affected
        )
        and submissions.w_fstuwt is not null
),

final as (
    select
        country_code,
        'file' as submission_source,
        survey_cycle,
        years_of_early_education,
        cast(replicate as integer) as replicate,
        cast(count(*) as bigint) as submissions,
        cast(count(belonging) as bigint) as submissions_with_belonging,
        cast(count(learning_minutes_per_week) as bigint) as submissions_with_minutes,
        cast(count(socio_economic_status) as bigint) as submissions_with_status,
        {{ weighted_sum('belonging') }} as weighted_belonging,
        {{ weight_of('belonging') }} as weight_of_belonging,
        {{ weighted_sum('learning_minutes_per_week') }} as weighted_minutes,
        {{ weight_of('learning_minutes_per_week') }} as weight_of_minutes,
        {{ weighted_sum('socio_economic_status') }} as weighted_status,
        {{ weight_of('socio_economic_status') }} as weight_of_status
    from weighted
    group by country_code, survey_cycle, years_of_early_education, replicate
)

{{ rows_of_affected('countries_affected', 'final', ['country_code', 'submission_source']) }}
