with versions as (
    select * from {{ ref('int_crime__versions_cleaned') }}
),

superseded as (
    select * from {{ ref('int_crime__versions_superseded') }}
),

final as (
    select versions.*
    from versions
    left join superseded
        on
            versions.source_dataset = superseded.source_dataset
            and versions.socrata_id = superseded.socrata_id
            and versions.socrata_updated_at = superseded.socrata_updated_at
            and versions.socrata_version = superseded.socrata_version
    where
        versions.rejection_reason is null
        and superseded.socrata_id is null
)

select * from final
