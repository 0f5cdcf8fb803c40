with crime as (
    select * from {{ ref('stg_chicago_crime__reconciliations') }}
),

sensors as (
    select * from {{ ref('stg_store_sensors__reconciliations') }}
),

pisa as (
    select * from {{ ref('stg_pisa__reconciliations') }}
),

{% set columns = ['part', 'periods_compared', 'periods_read_again', 'reconciled_at']
    | join(',\n        ') %}

final as (
    select
        'chicago-crime' as source_name,
        {{ columns }}
    from crime

    union all

    select
        'store-sensors' as source_name,
        {{ columns }}
    from sensors

    union all

    select
        'pisa' as source_name,
        {{ columns }}
    from pisa
)

select * from final
