with months as (
    select * from {{ ref('int_crime__months_in_data') }}
),

final as (
    select distinct
        year,
        days_of_year_in_data as days_in_data,
        days_in_year,
        is_complete_year
    from months
)

select * from final
