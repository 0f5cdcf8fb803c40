{{ config(materialized='table') }}

-- Read only where a build is incremental, which dbt does not know yet when it parses:
-- depends_on: {{ ref('stg_chicago_crime__crime_deletions') }}
-- depends_on: {{ ref('int_crime__loads') }}
with versions as (
    select * from {{ ref('int_crime__versions_unioned') }}
),

{% if is_touched_build('crime.crime_load_reconciliation') %}
deletions as (
    select * from {{ ref('stg_chicago_crime__crime_deletions') }}
),

loads as (
    {{ unaccounted_loads(ref('int_crime__loads'), 'crime.crime_load_reconciliation') }}
),

changed as (
    select
        crime_id,
        case_number
    from versions
    where load_id in (select loads.load_id from loads)

    union all

    select
        versions.crime_id,
        versions.case_number
    from versions
    inner join deletions
        on
            versions.source_dataset = deletions.source_dataset
            and versions.socrata_id = deletions.socrata_id
    where deletions.load_id in (select loads.load_id from loads)
),

-- The case number ties a row without the portal's id to those that have one. A version that is
-- rejected for its key belongs to no crime: it is looked at with its load.
touched as (
    select distinct
        source_dataset,
        socrata_id
    from versions
    where
        crime_id in (select changed.crime_id from changed)
        or case_number in (select changed.case_number from changed)
        or load_id in (select loads.load_id from loads)
)
{% else %}
touched as (
    select
        source_dataset,
        socrata_id
    from versions
    where false
)
{% endif %}

select * from touched
