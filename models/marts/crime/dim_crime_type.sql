with listed as (
    select * from {{ ref('stg_chicago_crime__iucr_codes') }}
),

renames as (
    select * from {{ ref('crime_type_renames') }}
),

crimes as (
    select * from {{ ref('fct_crimes') }}
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

codes as (
    select
        versions.iucr,
        coalesce(renames.primary_type, versions.reported_type, 'UNKNOWN') as primary_type,
        coalesce(versions.description, 'UNKNOWN') as description,
        versions.index_code = 'I' as is_index_crime,
        versions.is_active,
        true as is_in_code_list
    from versions
    left join renames on versions.reported_type = renames.reported_type
    where versions.version_number = 1
),

carried as (
    select
        crimes.iucr,
        crimes.primary_type,
        coalesce(crimes.description, 'UNKNOWN') as description,
        row_number() over (
            partition by crimes.iucr
            order by
                count(*) desc,
                crimes.primary_type asc,
                coalesce(crimes.description, 'UNKNOWN') asc
        ) as place
    from crimes
    left join codes on crimes.iucr = codes.iucr
    where codes.iucr is null and crimes.iucr != '0000'
    group by crimes.iucr, crimes.primary_type, coalesce(crimes.description, 'UNKNOWN')
),

unlisted as (
    select
        iucr,
        primary_type,
        description
    from carried
    where place = 1
    union all
    select
        '0000' as iucr,
        'UNKNOWN' as primary_type,
        'UNKNOWN' as description
),

final as (
    select * from codes
    union all
    select
        unlisted.*,
        cast(null as boolean) as is_index_crime,
        cast(null as boolean) as is_active,
        false as is_in_code_list
    from unlisted
)

select * from final
