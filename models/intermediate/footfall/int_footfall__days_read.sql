with days_affected as (
    select * from {{ ref('int_footfall__days_affected') }}
),

-- The estimates of a day and their errors depend on the same weekday in the weeks before and after,
-- as int_footfall__days_affected says, and so do the averages.
final as (
    select
        affected.store_name,
        affected.traffic_date,
        max(affected.is_affected) = 1 as is_affected
    from (
        {%- set weeks = 2 * estimate_settings()['weeks'] %}
        {%- for week in range(-weeks, weeks + 1) %}
        select
            store_name,
            {{ plus_days('traffic_date', 7 * week) }} as traffic_date,
            {{ 0 if week else 1 }} as is_affected
        from days_affected
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    ) as affected
    group by affected.store_name, affected.traffic_date
)

select * from final
