{{
    config(
        materialized='incremental',
        incremental_strategy='replace_affected',
        unique_key='month_start',
        on_schema_change='fail'
    )
}}

with months_affected as (
    select * from {{ ref('int_crime__months_affected') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

days_affected as (
    select dates.date_day
    from dates
    inner join months_affected on dates.month_start_date = months_affected.month_start
),

crimes as (
    select * from {{ ref('fct_crimes') }}
    {%- if is_incremental() %}
    where occurred_date in (select days_affected.date_day from days_affected)
    {%- endif %}
),

final as (
    select
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date) as month_start,
        district_id,
        {{ iso_weekday('occurred_date') }} as iso_weekday,
        cast(extract(hour from occurred_at_local) as integer) as hour_of_day,
        cast(count(*) as bigint) as crimes,
        cast(count_if(not is_time_unknown) as bigint) as crimes_with_known_time,
        cast(count_if(is_arrest) as bigint) as arrests
    from crimes
    group by
        cast({{ dbt.date_trunc('month', 'occurred_date') }} as date),
        district_id,
        {{ iso_weekday('occurred_date') }},
        cast(extract(hour from occurred_at_local) as integer)
)

{{ rows_of_affected('months_affected', 'final', ['month_start']) }}
