with files as (
    select * from {{ source('chicago_crime', 'files') }}
),

-- The last year's data set has no `case_number`, but `case_`.
files_of_last_year as (
    select distinct file_sha256
    from {{ source('chicago_crime', 'file_crimes') }}
    where case_ is not null
),

typed as (
    select
        files.file_sha256,
        files.file_name,
        files._dlt_load_id as load_id,
        case
            when files_of_last_year.file_sha256 is null then 'ijzp-q8t2'
            else 'x2n5-8w5q'
        end as source_dataset,
        {{ text_to_bigint('files.lines') }} as lines_in_file,
        {{ text_to_bigint('files.header') }} as header_lines,
        {{ text_to_bigint('files.blank') }} as blank_lines
    from files
    left join files_of_last_year
        on files.file_sha256 = files_of_last_year.file_sha256
)

select * from typed
