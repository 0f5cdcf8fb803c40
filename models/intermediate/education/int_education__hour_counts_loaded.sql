{% set by = ['country_code', 'hour_number'] %}

with submissions as (
    select
        country_code,
        {{ hours_since_1970('submitted_at') }} as hour_number
    from {{ ref('fct_student_submissions') }}
    where submission_source = 'database'
),

rejected_times as (
    select
        country_code,
        {{ utc_text_to_timestamp(json_text('raw_row', '$.created_at')) }} as submitted_at
    from {{ ref('rejected_submissions') }}
    where submission_source = 'database'
),

rejected as (
    select
        country_code,
        {{ hours_since_1970('submitted_at') }} as hour_number
    from rejected_times
),

deleted as (
    select
        country_code,
        {{ hours_since_1970('submitted_at') }} as hour_number
    from {{ ref('deleted_submissions') }}
),

counted as (
    {{ counted_rows(by, {
        'rows_in_warehouse': rows_by(by, 'submissions'),
        'rows_rejected': rows_by(by, 'rejected'),
        'rows_deleted': rows_by(by, 'deleted'),
    }) }}
),

final as (
    select
        country_code,
        {{ hour_since_1970_starts_at('hour_number') }} as hour_start,
        {{ row_states() | join(',\n        ') }}
    from counted
)

select * from final
