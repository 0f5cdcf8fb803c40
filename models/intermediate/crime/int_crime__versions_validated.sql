with versions as (
    select * from {{ ref('int_crime__versions_typed') }}
),

validated as (
    select
        *,
        case
            when line_text is not null then {{ line_rejected() }}
            else {{ rejection_reason(crime_rules()) }}
        end as rejection_reason
    from versions
),

final as (
    select
        *,
        case
            when line_text is not null then {{ crime_line_as_received() }}
            when rejection_reason is not null then {{ crime_as_received() }}
        end as raw_row
    from validated
)

select * from final
