-- A store without a region, or with days before or after the years whose holidays are known: there,
-- a day that is not in dim_holiday may be a holiday all the same. A new region or later years are
-- added in dbt_project/build/holidays_seed.py, a new store in seeds/footfall/stores.csv.
{{ config(severity='warn') }}

with stores as (
    select * from {{ ref('dim_store') }}
    where first_date is not null
),

years as (
    select
        region_code,
        min(year) as first_year,
        max(year) as last_year
    from {{ ref('dim_holiday') }}
    group by region_code
),

final as (
    select
        stores.store_name,
        stores.region_code,
        stores.first_date,
        stores.last_date,
        years.first_year,
        years.last_year
    from stores
    left join years on stores.region_code = years.region_code
    where
        years.region_code is null
        or extract(year from stores.first_date) < years.first_year
        or extract(year from stores.last_date) > years.last_year
)

select * from final
