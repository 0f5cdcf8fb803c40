{{ config(materialized='table') }}

with versions as (
    select
        crime_id,
        source_dataset,
        socrata_id,
        socrata_updated_at,
        socrata_version,
        case_number,
        load_id,
        row_updated_at,
        occurred_at_local
    from {{ ref('int_crime__versions_cleaned') }}
    where rejection_reason is null
),

deletions as (
    select * from {{ ref('stg_chicago_crime__crime_deletions') }}
),

-- Most crimes have one version: only the others are sorted.
repeated as (
    select crime_id
    from versions
    group by crime_id
    having count(*) > 1
),

ranked as (
    select
        *,
        row_number() over (
            partition by crime_id
            order by
                row_updated_at desc nulls last,
                socrata_version desc nulls last,
                load_id desc nulls last,
                socrata_id desc nulls last
        ) as version_rank
    from versions
    where crime_id in (select repeated.crime_id from repeated)
),

newest as (
    select * from versions
    where crime_id not in (select repeated.crime_id from repeated)

    union all

    select
        crime_id,
        source_dataset,
        socrata_id,
        socrata_updated_at,
        socrata_version,
        case_number,
        load_id,
        row_updated_at,
        occurred_at_local
    from ranked
    where version_rank = 1
),

-- A deletion names the version that it ends. A version that was received again since then lives.
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

-- A row without the portal's id adds nothing where the same case is published with one.
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
    'crime_id', 'source_dataset', 'socrata_id', 'socrata_updated_at', 'socrata_version', 'load_id',
    'occurred_at_local'
] | join(',\n        ') %}

final as (
    select
        {{ version }},
        'replaced by a newer version' as superseded_reason,
        cast(null as timestamp with time zone) as detected_at
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
        cast(null as timestamp with time zone) as detected_at
    from without_id
    where case_number in (select cases_with_id.case_number from cases_with_id)
)

select * from final
