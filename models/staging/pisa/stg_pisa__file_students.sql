{#- A Hive catalogue on Derby, as on one machine, keeps no view of more than 32,700 characters. -#}
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}

-- A line counts from the load that brought the note of its file, which was then read to its end.
with file_students as (
    select * from {{ source('pisa', 'file_students') }}
),

-- The same content under another name: what the newest name says of the cycle is right. `files` is
-- read once: of what is read twice, DuckDB computes every column, whichever a query asks for.
files as (
    select
        file_sha256,
        _dlt_load_id as load_id,
        first_value(file_cycle) over (
            partition by coalesce(content_sha256, file_sha256)
            order by
                file_cycle is null, cast(_dlt_load_id as decimal(24, 9)) desc, file_sha256 desc
        ) as cycle_of_newest_name,
        count(*) over (partition by coalesce(content_sha256, file_sha256)) as name_count
    from {{ source('pisa', 'files') }}
),

lines as (
    select
        file_students.*,
        files.load_id,
        coalesce(files.cycle_of_newest_name, file_students.file_cycle) as cycle_of_name,
        files.name_count > 1 as is_renamed
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
        {{ plausible_value_at_fault() }} as plausible_value_at_fault,
        load_id,
        is_renamed,
        {{ student_number('cntstuid') }} as student_number,
        {{ student_number('cntschid') }} as school_id,
        case when not {{ is_no_answer('stratum') }} then trim(stratum) end as stratum,
        {{ text_to_bigint('line_number') }} as line_number,
        case
            when {{ is_no_answer('cyc') }} then {{ cycle_year('cycle_of_name') }}
            else {{ cycle_year('cyc') }}
        end as survey_cycle,
        {%- for number in range(1, replicates() + 1) %}
        {{ replicate_weight('w_fsturwt' ~ number) }} as replicate_weight_{{ number }},
        {%- endfor %}
        {%- for end_of_name, domain in tested_domains().items() %}
        {%- set is_last_domain = loop.last %}
        {%- for number in range(1, plausible_values() + 1) %}
        {{ plausible_value('pv' ~ number ~ end_of_name) }} as {{ domain }}_{{ number }}
        {%- if not (loop.last and is_last_domain) %},{% endif %}
        {%- endfor %}
        {%- endfor %}
    from lines
)

select * from typed
