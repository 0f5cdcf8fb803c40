with versions as (
    select * from {{ ref('int_crime__versions_affected') }}
),

typed as (
    select
        *,
        {{ crime_id() }} as crime_id,
        {{ text_to_integer('ward_reported') }} as ward_number,
        {{ text_to_integer('x_coordinate_reported') }} as x_coordinate,
        {{ text_to_integer('y_coordinate_reported') }} as y_coordinate,
        {{ text_to_number('latitude_reported', 'double') }} as latitude,
        {{ text_to_number('longitude_reported', 'double') }} as longitude,
        {{ text_to_boolean('arrest_reported') }} as is_arrest,
        {{ text_to_boolean('domestic_reported') }} as is_domestic,
        {{ text_to_local_time('occurred_at_reported', "'America/Chicago'") }} as occurred_at_local,
        {{ text_to_local_time('updated_on_reported', "'America/Chicago'") }} as updated_on_local,
        {{ utc_text_to_timestamp('socrata_updated_at') }} as row_updated_at_portal
    from versions
),

-- A file without the portal's system columns says how new a row is by when the police changed it,
-- or no more than when the crime was.
final as (
    select
        *,
        case
            when file_name is null then row_updated_at_portal
            else coalesce(
                row_updated_at_portal,
                {{ local_to_utc('updated_on_local', "'America/Chicago'") }},
                {{ local_to_utc('occurred_at_local', "'America/Chicago'") }}
            )
        end as row_updated_at
    from typed
)

select * from final
