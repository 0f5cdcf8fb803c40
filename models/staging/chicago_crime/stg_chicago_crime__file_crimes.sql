-- A line counts from the load that brought the note of its file, which was then read to its end.
with file_crimes as (
    select * from {{ source('chicago_crime', 'file_crimes') }}
),

files as (
    {{ crime_files() }}
),

lines as (
    select
        file_crimes.*,
        files._dlt_load_id as load_id,
        files.source_dataset
    from file_crimes
    inner join files on file_crimes.file_sha256 = files.file_sha256
),

renamed as (
    select
        source_dataset,
        'file ' || file_sha256 || ' line ' || lpad(line_number, 12, '0') as socrata_id,
        -- What says how new a row is: the portal's time of the version, or else the police's.
        coalesce(socrata_updated_at, updated_on, '') as socrata_updated_at,
        coalesce(socrata_version, 'file') as socrata_version,
        -- What is the same for the same crime in another file, or at the portal.
        case
            when source_dataset = 'ijzp-q8t2' then null
            when socrata_id is not null then socrata_id
            else coalesce(case_, '') || ' ' || cast(row_number() over (
                partition by file_sha256, case_ order by lpad(line_number, 12, '0') asc nulls last
            ) as string)
        end as row_identity,
        file_name,
        line_text,
        line_problem,
        coalesce(case_number, case_) as case_number,
        beat as beat_reported,
        district as district_reported,
        community_area as community_area_reported,
        iucr as iucr_reported,
        primary_type as primary_type_reported,
        description,
        location_description,
        block,
        fbi_code,
        id as portal_id_reported,
        ward as ward_reported,
        x_coordinate as x_coordinate_reported,
        y_coordinate as y_coordinate_reported,
        latitude as latitude_reported,
        longitude as longitude_reported,
        arrest as arrest_reported,
        domestic as domestic_reported,
        coalesce(date, date_of_occurrence) as occurred_at_reported,
        updated_on as updated_on_reported,
        load_id,
        {{ text_to_bigint('line_number') }} as line_number
    from lines
)

select * from renamed
