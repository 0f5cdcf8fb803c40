with origins as (
    {{ union_domains(
        'stg_{staging}__origins',
        ['part', 'is_made_up', 'noted_at']
    ) }}
)

select * from origins
