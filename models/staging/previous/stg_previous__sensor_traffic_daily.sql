with previous as (
    {{ previous_rows(source('previous_footfall', 'sensor_traffic_daily'), {
        'store_name': 'string',
        'sensor_id': 'integer',
        'time_zone': 'string',
        'readings_expected': 'bigint',
        'traffic_date': 'date'
    }) | indent(4) }}
)

select * from previous
