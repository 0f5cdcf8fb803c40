{{ config(materialized='incremental', unique_key='month_start') }}

with months_affected as ( -- noqa: ST03
    select * from {{ ref('int_crime__months_affected') }}
),

crimes as (
    select
        load_id,
        source_dataset,
        file_name is not null as is_from_file,
        district_id,
        ward_id,
        primary_type,
        iucr,
        coalesce(description, 'UNKNOWN') as code_description,
        iso_weekday,
        cast(extract(hour from occurred_at_local) as integer) as hour_of_day,
        is_time_unknown,
        is_arrest,
        is_domestic,
        occurred_date,
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date) as month_start
    from {{ ref('fct_crimes') }}
    {%- if is_incremental() %}
    where last_day(occurred_date) in (
        select last_day(months_affected.month_start) from months_affected
    )
    {%- endif %}
),

-- The fact is read once and counted in six ways.
final as (
    select
        month_start,
        case
            when grouping(is_domestic) = 0 then 'day_type'
            when grouping(occurred_date) = 0 then 'day'
            when grouping(ward_id) = 0 then 'type'
            when grouping(hour_of_day) = 0 then 'hour'
            when grouping(iucr) = 0 then 'code'
            else 'load'
        end as counted_by,
        load_id,
        source_dataset,
        is_from_file,
        district_id,
        ward_id,
        primary_type,
        iucr,
        code_description,
        iso_weekday,
        hour_of_day,
        is_domestic,
        cast(count(*) as bigint) as crimes,
        cast(count_if(not is_time_unknown) as bigint) as crimes_with_known_time,
        cast(count_if(is_arrest) as bigint) as arrests,
        occurred_date
    from crimes
    group by grouping sets ( -- noqa: PRS
        (month_start, load_id, source_dataset),
        (month_start, occurred_date, source_dataset, is_from_file, district_id),
        (month_start, occurred_date, primary_type, is_domestic),
        (month_start, district_id, ward_id, primary_type),
        (month_start, district_id, iso_weekday, hour_of_day),
        (month_start, iucr, primary_type, code_description)
    )
)

{{ rows_of_affected('months_affected', 'final', ['month_start']) }}
