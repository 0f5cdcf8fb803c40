{# Store-days of which a traffic mart, as the previous build left it, holds more or fewer readings
   than the relation `expected` (store_name, traffic_date, readings_expected, sensors_expected), or
   holds those of other sensors. A mart that is not there lacks every day. #}
{% macro store_days_that_differ(expected) -%}
    {%- for mart in [
        'sensor_traffic_hourly', 'sensor_traffic_daily', 'store_traffic_hourly',
        'store_traffic_daily'
    ] %}
    {%- set left = relation_left('footfall.' ~ mart) %}
    {%- set is_of_sensors = mart.startswith('sensor_') %}
    select
        {%- if left %}
        coalesce(expected.store_name, held.store_name) as store_name,
        coalesce(expected.traffic_date, held.traffic_date) as traffic_date
        {%- else %}
        expected.store_name,
        expected.traffic_date
        {%- endif %}
    from {{ expected }} as expected
    {%- if left %}
    full outer join (
        select
            store_name,
            traffic_date,
            {% if is_of_sensors -%}
            cast(sum(readings_expected * sensor_id) as bigint) as sensors_expected,
            {% endif -%}
            cast(sum(readings_expected) as bigint) as readings_expected
        from {{ left }}
        group by store_name, traffic_date
    ) as held
        on
            expected.store_name = held.store_name
            and expected.traffic_date = held.traffic_date
    where
        expected.store_name is null
        or held.store_name is null
        or expected.readings_expected != held.readings_expected
        {%- if is_of_sensors %}
        or expected.sensors_expected != held.sensors_expected
        {%- endif %}
    {%- endif %}
    {% if not loop.last %}union{% endif %}
    {%- endfor %}
{%- endmacro %}
