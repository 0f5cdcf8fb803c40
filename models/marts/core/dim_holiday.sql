with holidays as (
    select * from {{ ref('holidays') }}
),

final as (
    select
        {{ surrogate_key(['region_code', 'holiday_name', 'holiday_date']) }} as holiday_key,
        country_code,
        region_code,
        holiday_name,
        cast(extract(year from holiday_date) as integer) as year,
        holiday_date,
        observed_date,
        is_national,
        country_code = 'USA' and is_national as is_federal,
        region_code = 'US-IL' as is_illinois
    from holidays
)

select * from final
