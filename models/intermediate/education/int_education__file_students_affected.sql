with affected as (
    select * from {{ ref('int_education__submissions_affected') }}
    where submission_source = 'file' and rejection_reason is null and not is_superseded
),

students as (
    select * from {{ ref('stg_pisa__file_students') }}
),

final as (
    select
        affected.submission_key,
        affected.country_code,
        affected.survey_cycle,
        affected.student_weight,
        {%- for number in range(1, replicates() + 1) %}
        students.replicate_weight_{{ number }},
        {%- endfor %}
        {%- for domain in tested_domains().values() %}
        {%- set is_last_domain = loop.last %}
        {%- for number in range(1, plausible_values() + 1) %}
        students.{{ domain }}_{{ number }}
        {%- if not (loop.last and is_last_domain) %},{% endif %}
        {%- endfor %}
        {%- endfor %}
    from affected
    inner join students
        on
            affected.file_sha256 = students.file_sha256
            and affected.line_number = students.line_number
)

select * from final
