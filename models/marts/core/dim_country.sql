with countries as (
    select * from {{ ref('countries') }}
),

final as (
    select
        country_code,
        alpha_2_code,
        country_name,
        continent,
        region,
        is_iso
    from countries
)

select * from final
