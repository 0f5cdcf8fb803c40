with versions as (
    select * from {{ ref('int_crime__versions_typed') }}
),

validated as (
    select
        *,
        {{ rejection_reason(crime_rules()) }} as rejection_reason
    from versions
),

final as (
    select
        *,
        case when rejection_reason is not null then {{ crime_as_received() }} end as raw_row
    from validated
)

select * from final
