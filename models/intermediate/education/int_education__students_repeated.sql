-- Most students have one line: only the others are kept here, and sorted.
with submissions as (
    select * from {{ ref('int_education__submissions_validated') }}
    where submission_source = 'file' and rejection_reason is null
),

repeated as (
    select
        country_code,
        student_number,
        survey_cycle,
        bool_or(is_affected) as is_student_affected
    from {{ ref('int_education__submissions_validated') }}
    where submission_source = 'file' and student_number is not null
    group by country_code, student_number, survey_cycle
    having count(*) > 1
),

numbered as (
    select
        submissions.file_sha256,
        submissions.file_name,
        submissions.line_number,
        submissions.country_code,
        submissions.student_number,
        submissions.survey_cycle,
        repeated.is_student_affected,
        row_number() over (
            partition by
                submissions.country_code, submissions.student_number, submissions.survey_cycle
            order by
                cast(submissions.load_id as decimal(24, 9)) desc nulls last,
                submissions.file_sha256 desc nulls last,
                submissions.line_number desc nulls last
        ) as student_rank
    from submissions
    inner join repeated
        on
            submissions.country_code = repeated.country_code
            and submissions.student_number = repeated.student_number
            and submissions.survey_cycle is not distinct from repeated.survey_cycle
),

final as (
    select
        file_sha256,
        line_number,
        student_rank,
        is_student_affected,
        first_value(file_name) over (
            partition by country_code, student_number, survey_cycle
            order by student_rank asc
        ) as newest_file_name,
        first_value(line_number) over (
            partition by country_code, student_number, survey_cycle
            order by student_rank asc
        ) as newest_line_number
    from numbered
)

select * from final
