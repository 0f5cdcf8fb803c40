with listed as (
    select * from {{ ref('stg_chicago_crime__iucr_codes') }}
),

renames as (
    select * from {{ ref('crime_type_renames') }}
),

-- The portal lists codes without their leading zeros.
padded as (
    select
        case
            when length(trim(iucr_reported)) < 4 then lpad(upper(trim(iucr_reported)), 4, '0')
            else upper(trim(iucr_reported))
        end as iucr,
        upper(trim(primary_type_reported)) as reported_type,
        description,
        index_code,
        is_active,
        row_updated_at,
        socrata_version
    from listed
    where trim(iucr_reported) != ''
),

versions as (
    select
        *,
        row_number() over (
            partition by iucr
            order by row_updated_at desc nulls last, socrata_version desc nulls last
        ) as version_number
    from padded
    where iucr != '0000'
),

final as (
    select
        versions.iucr,
        coalesce(renames.primary_type, versions.reported_type, 'UNKNOWN') as primary_type,
        coalesce(versions.description, 'UNKNOWN') as description,
        versions.index_code = 'I' as is_index_crime,
        versions.is_active
    from versions
    left join renames on versions.reported_type = renames.reported_type
    where versions.version_number = 1
)

select * from final
