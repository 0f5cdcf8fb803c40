with rejected as (
    {{ union_domains('rejected_{entities}', ['reason', 'load_id']) }}
),

final as (
    select
        domain,
        source_name,
        reason,
        cast(count(*) as bigint) as rows_rejected,
        max(load_id) as last_load_id
    from rejected
    group by domain, source_name, reason
)

select * from final
