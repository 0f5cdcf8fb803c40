{{ config(materialized='incremental', unique_key='submission_key') }}

with students as (
    select * from {{ ref('int_education__file_students_affected') }}
),

-- A domain in which one of the ten is missing has none.
complete as (
    select
        *,
        {%- for domain in tested_domains().values() %}
        {%- set is_last_domain = loop.last %}
        {%- for number in range(1, plausible_values() + 1) %}
        {{ domain }}_{{ number }} is not null
        {%- if not loop.last %} and{% endif %}
        {%- endfor %} as has_{{ domain }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from students
),

final as (
    select
        submission_key,
        country_code,
        {%- for domain in tested_domains().values() %}
        {%- set is_last_domain = loop.last %}
        {%- for number in range(1, plausible_values() + 1) %}
        case when has_{{ domain }} then cast({{ domain }}_{{ number }} as double) end
            as {{ domain }}_{{ number }}
        {%- if not (loop.last and is_last_domain) %},{% endif %}
        {%- endfor %}
        {%- endfor %}
    from complete
    where
        {%- for domain in tested_domains().values() %}
        has_{{ domain }}{% if not loop.last %} or{% endif %}
        {%- endfor %}
),

affected as ( -- noqa: ST03
    select submission_key
    from {{ ref('int_education__submissions_affected') }}
    where submission_source = 'file'
)

{{ rows_of_affected('affected', 'final', ['submission_key']) }}
