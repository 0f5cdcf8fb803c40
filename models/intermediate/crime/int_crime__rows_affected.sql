{{ config(materialized='table') }}

-- All versions are scanned where they lie: engines copy a CTE that is read more than once.
{%- set version_keys = ref('int_crime__version_keys') %}

with deletions as (
    select * from {{ ref('stg_chicago_crime__crime_deletions') }}
),

loads as (
    select distinct load_id from {{ ref('int_crime__load_states') }}
    where load_state = 'affected'
),

changed as (
    select
        crime_id,
        case_number
    from {{ version_keys }}
    where load_id in (select loads.load_id from loads)

    union all

    select
        version_keys.crime_id,
        version_keys.case_number
    from {{ version_keys }} as version_keys
    inner join deletions
        on
            version_keys.source_dataset = deletions.source_dataset
            and version_keys.socrata_id = deletions.socrata_id
    where deletions.load_id in (select loads.load_id from loads)
),

-- The case number links a row without the portal's id to those that have one.
linked as (
    select case_number
    from {{ version_keys }}
    where
        source_dataset = 'x2n5-8w5q'
        and case_number in (select changed.case_number from changed)
),

-- A version that is rejected for its key belongs to no crime: it is affected with its load.
affected as (
    select
        source_dataset,
        socrata_id,
        load_id
    from {{ version_keys }}
    where crime_id in (select changed.crime_id from changed)

    union all

    select
        source_dataset,
        socrata_id,
        load_id
    from {{ version_keys }}
    where case_number in (select linked.case_number from linked)

    union all

    select
        source_dataset,
        socrata_id,
        load_id
    from {{ version_keys }}
    where load_id in (select loads.load_id from loads)
)

select * from affected
