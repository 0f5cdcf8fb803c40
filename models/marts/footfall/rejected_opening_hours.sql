with opening_hours as (
    select * from {{ ref('int_footfall__opening_hours_validated') }}
    where rejection_reason is not null
),

final as (
    select
        {{ surrogate_key(['store_name', 'iso_weekday_reported']) }} as row_key,
        store_name,
        rejection_reason as reason,
        raw_row,
        load_id
    from opening_hours
)

select * from final
