{%- set year_1970 = "cast('1970-01-01 00:00:00+00' as " ~ type_instant() ~ ')' -%}

-- Hours are counted from 1970 in UTC: no clock is asked, and none changes.
with reconciled as (
    select * from {{ ref('stg_pisa__reconciliations') }}
),

-- A count that did not change is not noted again; the whole database was compared later.
hour_counts as (
    select
        counts.database_country as country_code,
        counts.hour_start as moment,
        'at_source' as kind,
        counts.rows_at_source as submissions,
        greatest(
            counts.checked_at,
            coalesce(reconciled.reconciled_at, counts.checked_at)
        ) as checked_at
    from {{ ref('stg_pisa__hour_counts') }} as counts
    left join reconciled on counts.database_country = reconciled.part
),

in_fact as (
    select
        country_code,
        submitted_at as moment,
        'in_fact' as kind,
        1 as submissions,
        cast(null as {{ type_instant() }}) as checked_at
    from {{ ref('fct_student_submissions') }}
    where submission_source = 'database'
),

rejected as (
    select
        country_code,
        {{ utc_text_to_timestamp(json_text('raw_row', '$.created_at')) }} as moment,
        'rejected' as kind,
        1 as submissions,
        cast(null as {{ type_instant() }}) as checked_at
    from {{ ref('rejected_submissions') }}
    where submission_source = 'database'
),

deleted as (
    select
        country_code,
        submitted_at as moment,
        'deleted' as kind,
        1 as submissions,
        cast(null as {{ type_instant() }}) as checked_at
    from {{ ref('deleted_submissions') }}
),

every_row as (
    select * from hour_counts

    union all

    select * from in_fact

    union all

    select * from rejected

    union all

    select * from deleted
),

numbered as (
    select
        *,
        cast(floor({{ seconds_between(year_1970, 'moment') }} / 3600) as bigint) as hour_number
    from every_row
    where moment is not null
),

final as (
    select
        country_code,
        hour_number,
        cast(sum(case when kind = 'at_source' then submissions end) as bigint) as rows_at_source,
        cast(count(case when kind = 'in_fact' then 1 end) as bigint) as rows_in_fact,
        cast(count(case when kind = 'rejected' then 1 end) as bigint) as rows_rejected,
        cast(count(case when kind = 'deleted' then 1 end) as bigint) as rows_deleted,
        max(checked_at) as checked_at
    from numbered
    group by country_code, hour_number
)

select * from final
