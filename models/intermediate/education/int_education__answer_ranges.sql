{#- Percentiles need every answer of a country: one pass finds those of all measures, and only of
    countries that a build has to look at. -#}
{{ config(materialized='incremental', unique_key='country_code') }}

with submissions as (
    select * from {{ ref('fct_student_submissions') }}
    where country_code in (
        select affected.country_code
        from {{ ref('int_education__submissions_affected') }} as affected
    )
),

affected as ( -- noqa: ST03
    select distinct country_code
    from {{ ref('int_education__submissions_affected') }}
    where country_code is not null
),

final as (
    select
        {{ collection() }},
        cast(count(*) as bigint) as submissions,
        {%- for measure in answered_measures() %}
        {{ answer_percentile(measure, 5) }} as {{ measure }}_percentile_5,
        {{ answer_percentile(measure, 95) }} as {{ measure }}_percentile_95
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from submissions
    group by {{ collection() }}
)

{{ rows_of_affected('affected', 'final', ['country_code']) }}
