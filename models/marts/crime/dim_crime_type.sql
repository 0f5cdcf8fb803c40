with listed as (
    select * from {{ ref('int_crime__codes_listed') }}
),

crimes as (
    select * from {{ ref('int_crime__counts_by_month') }}
    where counted_by = 'code'
),

codes as (
    select
        iucr,
        primary_type,
        description,
        is_index_crime,
        is_active,
        true as is_in_code_list
    from listed
),

carried as (
    select
        crimes.iucr,
        crimes.primary_type,
        crimes.code_description as description,
        row_number() over (
            partition by crimes.iucr
            order by
                sum(crimes.crimes) desc,
                crimes.primary_type asc,
                crimes.code_description asc
        ) as place
    from crimes
    left join codes on crimes.iucr = codes.iucr
    where codes.iucr is null and crimes.iucr != '0000'
    group by crimes.iucr, crimes.primary_type, crimes.code_description
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
