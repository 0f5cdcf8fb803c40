-- Each traffic mart has the same visits, estimates and readings for each store and day as the
-- sensors' hours.
{% set marts = ['sensor_traffic_daily', 'store_traffic_hourly', 'store_traffic_daily'] %}
{% set measures = {
    'visits': 'visits', 'tenths_estimated': to_tenths('visits_estimated'),
    'readings_expected': 'readings_expected', 'readings_valid': 'readings_valid',
    'readings_failed': 'readings_failed', 'readings_not_received': 'readings_not_received'
} %}

with hours as (
    select
        store_name,
        traffic_date,
        {%- for measure, value in measures.items() %}
        cast(sum({{ value }}) as bigint) as {{ measure }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('sensor_traffic_hourly') }}
    group by store_name, traffic_date
),

summed as (
    {%- for mart in marts %}
    select
        '{{ mart }}' as mart,
        store_name,
        traffic_date,
        {%- for measure, value in measures.items() %}
        cast(sum({{ value }}) as bigint) as {{ measure }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref(mart) }}
    group by store_name, traffic_date
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

marts as (
    {%- for mart in marts %}
    select '{{ mart }}' as mart
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

expected as (
    select
        marts.mart,
        hours.*
    from hours
    cross join marts
),

final as (
    select
        coalesce(expected.mart, summed.mart) as mart,
        coalesce(expected.store_name, summed.store_name) as store_name,
        coalesce(expected.traffic_date, summed.traffic_date) as traffic_date,
        expected.visits as visits_of_hours,
        summed.visits
    from expected
    full outer join summed
        on
            expected.mart = summed.mart
            and expected.store_name = summed.store_name
            and expected.traffic_date = summed.traffic_date
    where
        expected.mart is null
        or summed.mart is null
        {%- for measure in measures %}
        or coalesce(expected.{{ measure }}, -1) != coalesce(summed.{{ measure }}, -1)
        {%- endfor %}
)

select * from final
