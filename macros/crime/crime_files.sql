{# The notes of files of crimes, with the data set that their rows are of: the last year's has no
   `case_number`, but `case_`. #}
{% macro crime_files() -%}
    select
        files.*,
        case
            when files_of_last_year.file_sha256 is null then 'ijzp-q8t2'
            else 'x2n5-8w5q'
        end as source_dataset
    from {{ source('chicago_crime', 'files') }} as files
    left join (
        select distinct file_sha256
        from {{ source('chicago_crime', 'file_crimes') }}
        where case_ is not null
    ) as files_of_last_year
        on files.file_sha256 = files_of_last_year.file_sha256
{%- endmacro %}
