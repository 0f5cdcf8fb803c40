{{ config(materialized='table') }}

with ranked as (
    select * from {{ ref('int_crime__versions_ranked') }}
),

deletions as (
    select * from {{ ref('stg_chicago_crime__crime_deletions') }}
),

newest as (
    select * from ranked
    where version_rank = 1
),

-- A deletion names its version, and does not apply to one that was received again later.
deleted as (
    select
        newest.*,
        deletions.detected_at
    from newest
    inner join deletions
        on
            newest.source_dataset = deletions.source_dataset
            and newest.socrata_id = deletions.socrata_id
            and newest.socrata_updated_at = deletions.socrata_updated_at
            and newest.socrata_version = deletions.socrata_version
            and newest.load_id <= deletions.load_id
),

-- A row without the portal's id is superseded where the same case is published with one.
without_id as (
    select newest.*
    from newest
    left join deleted
        on newest.crime_id = deleted.crime_id
    where
        newest.source_dataset = 'x2n5-8w5q'
        and deleted.crime_id is null
),

cases_with_id as (
    select distinct newest.case_number
    from newest
    left join deleted
        on newest.crime_id = deleted.crime_id
    where
        newest.source_dataset = 'ijzp-q8t2'
        and newest.case_number in (select without_id.case_number from without_id)
        and deleted.crime_id is null
),

{% set version = [
    'crime_id', 'source_dataset', 'socrata_id', 'socrata_updated_at', 'socrata_version',
    'file_name', 'line_number', 'load_id', 'occurred_at_local'
] | join(',\n        ') %}

final as (
    select
        {{ version }},
        -- The portal's newest version is still at the source, where a file has a newer one.
        case
            when file_name is null and rank_in_origin = 1 then 'replaced by a file'
            else 'replaced by a newer version'
        end as superseded_reason,
        cast(null as {{ type_instant() }}) as detected_at
    from ranked
    where version_rank > 1

    union all

    select
        {{ version }},
        'deleted at the source' as superseded_reason,
        detected_at
    from deleted

    union all

    select
        {{ version }},
        'published with an id' as superseded_reason,
        cast(null as {{ type_instant() }}) as detected_at
    from without_id
    where case_number in (select cases_with_id.case_number from cases_with_id)
)

select * from final
