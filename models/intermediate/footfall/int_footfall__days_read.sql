with days_affected as (
    select * from {{ ref('int_footfall__days_affected') }}
),

-- The averages of a day include the same weekday in the three weeks before it.
final as (
    select
        affected.store_name,
        affected.traffic_date,
        max(affected.is_affected) = 1 as is_affected
    from (
        {%- for days in [0, 7, 14, 21] %}
        select
            store_name,
            {{ plus_days('traffic_date', -days) }} as traffic_date,
            {{ 0 if days else 1 }} as is_affected
        from days_affected
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    ) as affected
    group by affected.store_name, affected.traffic_date
)

select * from final
