{% set fields = watched_fields() %}

with ordered as (
    select * from {{ ref('int_crime__versions_numbered') }}
),

paired as (
    select
        later.crime_id,
        later.source_dataset,
        later.load_id,
        later.version_number,
        cast(earlier.occurred_at_local as date) as occurred_date,
        later.row_updated_at as changed_at,
        {%- for field in fields %}
        cast(earlier.{{ field }} as string) as {{ field }}_before,
        cast(later.{{ field }} as string) as {{ field }}_after{% if not loop.last %},{% endif %}
        {%- endfor %}
    from ordered as later
    inner join ordered as earlier
        on
            later.crime_id = earlier.crime_id
            and later.version_number = earlier.version_number + 1
)

select * from paired
