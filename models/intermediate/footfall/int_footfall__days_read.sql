with days_touched as (
    select * from {{ ref('int_footfall__days_touched') }}
),

-- The averages of a day look at the same weekday in the three weeks before it.
final as (
    select
        touched.store_name,
        touched.traffic_date,
        max(touched.is_touched) = 1 as is_touched
    from (
        {%- for days in [0, 7, 14, 21] %}
        select
            store_name,
            {{ plus_days('traffic_date', -days) }} as traffic_date,
            {{ 0 if days else 1 }} as is_touched
        from days_touched
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    ) as touched
    group by touched.store_name, touched.traffic_date
)

select * from final
