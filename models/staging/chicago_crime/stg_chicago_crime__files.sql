with files as (
    {{ crime_files() }}
),

typed as (
    select
        file_sha256,
        file_name,
        _dlt_load_id as load_id,
        source_dataset,
        {{ text_to_bigint('lines') }} as lines_in_file,
        {{ text_to_bigint('header') }} as header_lines,
        {{ text_to_bigint('blank') }} as blank_lines
    from files
)

select * from typed
