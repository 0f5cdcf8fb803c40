-- A line counts from the load that brought the note of its file, which was then read to its end.
with file_students as (
    select * from {{ source('pisa', 'file_students') }}
),

files as (
    select * from {{ source('pisa', 'files') }}
),

lines as (
    select
        file_students.*,
        files._dlt_load_id as load_id
    from file_students
    inner join files on file_students.file_sha256 = files.file_sha256
),

typed as (
    select
        file_sha256,
        file_name,
        line_text,
        line_problem,
        cyc as cyc_reported,
        cntschid as school_id_reported,
        cntstuid as student_id_reported,
        cnt as cnt_reported,
        durecec as durecec_reported,
        belong as belong_reported,
        escs as escs_reported,
        tmins as tmins_reported,
        st059q02ja as st059q02ja_reported,
        w_fstuwt as w_fstuwt_reported,
        {{ replicate_weight_at_fault() }} as replicate_weight_at_fault,
        load_id,
        {{ student_number('cntstuid') }} as student_number,
        {{ text_to_bigint('line_number') }} as line_number,
        case
            when {{ is_no_answer('cyc') }} then {{ cycle_year('file_cycle') }}
            else {{ cycle_year('cyc') }}
        end as survey_cycle,
        {%- for number in range(1, replicates() + 1) %}
        {{ replicate_weight('w_fsturwt' ~ number) }} as replicate_weight_{{ number }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from lines
)

select * from typed
