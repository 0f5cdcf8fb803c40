{{ config(materialized='table') }}

with students_repeated as (
    select * from {{ ref('int_education__students_repeated') }}
),

{# A line that was built before is affected, too, where one of its student's lines is. #}
submissions as (
    select
        submissions.*,
        coalesce(students_repeated.student_rank, 1) > 1 as is_superseded,
        students_repeated.newest_file_name,
        students_repeated.newest_line_number
    from {{ ref('int_education__submissions_validated') }} as submissions
    left join students_repeated
        on
            submissions.file_sha256 = students_repeated.file_sha256
            and submissions.line_number = students_repeated.line_number
    where submissions.is_affected or students_repeated.is_student_affected
),

{# The key and typed values of each row are kept, and the text of rejected rows. #}
final as (
    select
        {{ submission_key() }} as submission_key,
        coalesce(database_country, country_code) as country_code,
        submission_source,
        submission_id,
        survey_cycle,
        school_id,
        stratum,
        file_sha256,
        file_name,
        load_id,
        is_superseded,
        case when is_superseded then newest_file_name end as superseded_by_file_name,
        case when is_superseded then newest_line_number end as superseded_by_line_number,
        rejection_reason,
        case
            when rejection_reason is null then null
            when line_problem is not null then line_text
            when submission_source = 'database' then {{ json_row([
                ('id', 'submission_id'), ('created_at', 'submitted_at_reported'),
                ('cnt', 'cnt_reported'), ('durecec', 'durecec_reported'),
                ('belong', 'belong_reported'), ('escs', 'escs_reported'),
                ('tmins', 'tmins_reported'), ('w_fstuwt', 'w_fstuwt_reported')
            ]) }}
            else {{ json_row([
                ('cnt', 'cnt_reported'), ('cntstuid', 'submission_id'),
                ('durecec', 'durecec_reported'), ('belong', 'belong_reported'),
                ('escs', 'escs_reported'), ('tmins', 'tmins_reported'),
                ('w_fstuwt', 'w_fstuwt_reported'),
                ('st059q02ja', 'st059q02ja_reported'), ('cyc', 'cyc_reported'),
                ('replicate_weight_at_fault', 'replicate_weight_at_fault'),
                ('plausible_value_at_fault', 'plausible_value_at_fault')
            ]) }}
        end as raw_row,
        line_number,
        years_of_early_education,
        learning_minutes_per_week,
        class_periods_per_week,
        belonging,
        socio_economic_status,
        w_fstuwt as student_weight,
        submitted_at,
        detected_at
    from submissions
)

select * from final
