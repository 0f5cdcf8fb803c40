{{ config(materialized='incremental', unique_key='crime_id') }}

with versions as (
    select * from {{ ref('int_crime__versions_numbered') }}
),

current_crimes as (
    select crime_id from {{ ref('int_crime__versions_current') }}
),

-- Between the first version received and the newest; a crime of one version did not change.
compared as (
    select
        crime_id,
        max_by(primary_type, version_number) as primary_type,
        min_by(is_arrest, version_number) as is_arrest_at_first,
        max_by(is_arrest, version_number) as is_arrest,
        cast(max_by(occurred_at_local, version_number) as date) as occurred_date,
        min(case when is_arrest then row_updated_at end) as arrest_published_at
    from versions
    where crime_id in (select current_crimes.crime_id from current_crimes)
    group by crime_id
),

final as (
    select
        crime_id,
        primary_type,
        case when is_arrest then {{ days_between(
            'occurred_date', utc_to_local('arrest_published_at', "'America/Chicago'")
        ) }} end as days_to_arrest,
        is_arrest,
        occurred_date,
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date) as month_start
    from compared
    where is_arrest_at_first != is_arrest
),

affected as ( -- noqa: ST03
    select distinct crime_id from {{ ref('int_crime__versions_cleaned') }}
    where crime_id is not null
)

{{ rows_of_affected('affected', 'final', ['crime_id']) }}
