{{ config(materialized='incremental', unique_key='version_key') }}

with versions as (
    select * from {{ ref('int_crime__versions_cleaned') }}
),

final as (
    select
        {{ version_key() }} as version_key,
        crime_id,
        cast(occurred_at_local as date) as occurred_date,
        rejection_reason as reason,
        raw_row,
        {{ version_origin() }},
        load_id
    from versions
    where rejection_reason is not null
),

-- A second reference to the CTE would make engines copy it.
affected as ( -- noqa: ST03
    select distinct {{ version_key() }} as version_key
    from {{ ref('int_crime__versions_cleaned') }}
)

{{ rows_of_affected('affected', 'final', ['version_key']) }}
