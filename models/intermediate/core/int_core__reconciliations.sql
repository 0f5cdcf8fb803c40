with reconciliations as (
    {{ union_domains(
        'stg_{staging}__reconciliations',
        ['part', 'periods_compared', 'periods_read_again', 'reconciled_at']
    ) }}
)

select * from reconciliations
