with crime_types as (
    select * from {{ ref('dim_crime_type') }}
),

renames as (
    select * from {{ ref('crime_type_renames') }}
),

final as (
    select
        crime_types.iucr,
        crime_types.primary_type
    from crime_types
    inner join renames on crime_types.primary_type = renames.reported_type
)

select * from final
