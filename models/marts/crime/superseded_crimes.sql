{{ config(materialized='incremental', unique_key='crime_id') }}

with superseded as (
    select * from {{ ref('int_crime__versions_superseded') }}
),

final as (
    select
        {{ version_key() }} as version_key,
        crime_id,
        cast(occurred_at_local as date) as occurred_date,
        superseded_reason,
        {{ version_origin() }},
        load_id
    from superseded
    where superseded_reason != 'deleted at the source'
),

affected as ( -- noqa: ST03
    select distinct crime_id from {{ ref('int_crime__versions_cleaned') }}
    where crime_id is not null
)

{{ rows_of_affected('affected', 'final', ['crime_id']) }}
