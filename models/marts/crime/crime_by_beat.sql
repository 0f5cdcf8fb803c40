{{ config(materialized='incremental', unique_key='year') }}

with affected as ( -- noqa: ST03
    select distinct cast(extract(year from month_start) as integer) as year
    from {{ ref('int_crime__months_affected') }}
),

crimes as (
    select
        *,
        cast(extract(year from month_start) as integer) as year
    from {{ ref('int_crime__counts_by_place') }}
    where counted_by = 'beat'
    {%- if is_incremental() %}
        and extract(year from month_start) in (select affected.year from affected)
    {%- endif %}
),

years as (
    select * from {{ ref('int_crime__years_in_data') }}
),

counted as (
    select
        beat_id,
        primary_type,
        year,
        cast(sum(crimes) as bigint) as crimes,
        cast(sum(arrests) as bigint) as arrests
    from crimes
    group by beat_id, primary_type, year
),

final as (
    select
        counted.beat_id,
        '0' || substr(counted.beat_id, 1, 2) as beat_district_id,
        counted.primary_type,
        counted.year,
        counted.crimes,
        counted.arrests,
        {{ exact_ratio('counted.arrests', 'counted.crimes', 100) }} as arrest_rate_pct,
        years.days_in_data,
        years.is_complete_year
    from counted
    inner join years on counted.year = years.year
)

{{ rows_of_affected('affected', 'final', ['year']) }}
