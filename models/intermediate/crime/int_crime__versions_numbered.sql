-- Only crimes with several versions or a deletion: most have one version.
with versions as (
    select * from {{ ref('int_crime__versions_cleaned') }}
    where rejection_reason is null
),

superseded as (
    select * from {{ ref('int_crime__versions_superseded') }}
),

ordered as (
    select
        *,
        row_number() over (
            partition by crime_id
            order by
                row_updated_at asc nulls first,
                load_id asc nulls first,
                socrata_version asc nulls first,
                socrata_id asc nulls first
        ) as version_number
    from versions
    where crime_id in (select superseded.crime_id from superseded)
)

select * from ordered
