with residents as (
    select * from {{ ref('stg_chicago_crime__residents') }}
),

community_areas as (
    select
        community_area_id,
        {{ bare_name('community_area_name') }} as bare_name
    from {{ ref('community_areas') }}
),

versions as (
    select
        *,
        row_number() over (
            partition by socrata_id
            order by row_updated_at desc nulls last, load_id desc, socrata_version desc
        ) as version_number
    from residents
),

enriched as (
    select
        versions.*,
        community_areas.community_area_id,
        {{ text_to_integer('versions.acs_year_reported') }} as acs_year,
        {{ text_to_integer('versions.residents_reported') }} as residents
    from versions
    left join community_areas
        on {{ bare_name('versions.community_area_reported') }} = community_areas.bare_name
    where versions.version_number = 1
),

final as (
    select
        socrata_id,
        socrata_updated_at,
        socrata_version,
        load_id,
        community_area_id,
        acs_year,
        residents,
        {{ rejection_reason(resident_rules()) }} as rejection_reason,
        {{ json_row([
            ('acs_year', 'acs_year_reported'),
            ('community_area', 'community_area_reported'),
            ('total_population', 'residents_reported')
        ]) }} as raw_row,
        row_updated_at
    from enriched
)

select * from final
