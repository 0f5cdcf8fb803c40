with rows_by_hour as (
    select * from {{ ref('int_education__rows_by_hour') }}
    where rows_at_source is not null
),

final as (
    select
        country_code,
        rows_at_source,
        rows_in_fact,
        rows_rejected,
        rows_deleted,
        rows_at_source - rows_in_fact - rows_rejected
            as difference,
        {{ epoch_text_to_utc('3600 * hour_number') }} as hour_start,
        checked_at
    from rows_by_hour
)

select * from final
