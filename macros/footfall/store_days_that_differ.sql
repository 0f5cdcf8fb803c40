{# Store-days for which a traffic mart of the previous build has more or fewer readings than the
   relation `expected` (store_name, traffic_date, readings_expected, sensors_expected), or readings
   of other sensors. A mart that does not exist lacks every day. #}
{% macro store_days_that_differ(expected) -%}
    {%- set marts = [
        ref('stg_previous__sensor_traffic_hourly'), ref('stg_previous__sensor_traffic_daily'),
        ref('stg_previous__store_traffic_hourly'), ref('stg_previous__store_traffic_daily')
    ] %}
    {%- for mart in marts %}
    {%- set is_of_sensors = loop.index <= 2 %}
    select
        coalesce(expected.store_name, previous.store_name) as store_name,
        coalesce(expected.traffic_date, previous.traffic_date) as traffic_date
    from {{ expected }} as expected
    full outer join (
        select
            store_name,
            traffic_date,
            {% if is_of_sensors -%}
            cast(sum(readings_expected * sensor_id) as bigint) as sensors_expected,
            {% endif -%}
            cast(sum(readings_expected) as bigint) as readings_expected
        from {{ mart }}
        group by store_name, traffic_date
    ) as previous
        on
            expected.store_name = previous.store_name
            and expected.traffic_date = previous.traffic_date
    where
        expected.store_name is null
        or previous.store_name is null
        or expected.readings_expected != previous.readings_expected
        {%- if is_of_sensors %}
        or expected.sensors_expected != previous.sensors_expected
        {%- endif %}
    {% if not loop.last %}union{% endif %}
    {%- endfor %}
{%- endmacro %}
