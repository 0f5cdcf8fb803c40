with reconciliations as (
    select * from {{ ref('int_core__reconciliations') }}
),

periods as (
    {{ union_domains(
        '{entity}_source_reconciliation',
        ['{part} as part', 'rows_at_source']
        + row_states()
        + ['difference', 'has_difference', 'checked_at']
    ) }}
),

summed as (
    select
        domain,
        source_name,
        part,
        cast(count(*) as bigint) as periods,
        cast(count(case when has_difference then 1 end) as bigint) as periods_that_differ,
        cast(sum(rows_at_source) as bigint) as rows_at_source,
        {%- for name in row_states() %}
        cast(sum({{ name }}) as bigint) as {{ name }},
        {%- endfor %}
        cast(sum(difference) as bigint) as difference,
        max(checked_at) as checked_at
    from periods
    group by domain, source_name, part
),

final as (
    select
        summed.domain,
        summed.source_name,
        summed.part,
        summed.checked_at,
        reconciliations.reconciled_at,
        summed.periods,
        summed.periods_that_differ,
        reconciliations.periods_read_again,
        summed.rows_at_source,
        {%- for name in row_states() %}
        summed.{{ name }},
        {%- endfor %}
        summed.difference
    from summed
    left join reconciliations
        on
            summed.source_name = reconciliations.source_name
            and summed.part = reconciliations.part
)

select * from final
