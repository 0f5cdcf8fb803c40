with holidays as (
    select * from {{ ref('holidays') }}
),

final as (
    select
        {{ surrogate_key(['holiday_name', 'holiday_date']) }} as holiday_key,
        holiday_name,
        cast(extract(year from holiday_date) as integer) as year,
        is_federal,
        is_illinois,
        holiday_date,
        observed_date
    from holidays
)

select * from final
