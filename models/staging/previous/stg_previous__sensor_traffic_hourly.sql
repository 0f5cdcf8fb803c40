with previous as (
    {{ previous_rows(source('previous_footfall', 'sensor_traffic_hourly'), {
        'store_name': 'string',
        'sensor_id': 'integer',
        'load_id': 'string',
        'reading_status': 'string',
        'visits': 'bigint',
        'readings_expected': 'bigint',
        'readings_valid': 'bigint',
        'readings_failed': 'bigint',
        'rows_received': 'integer',
        'traffic_date': 'date',
        'read_at_local': 'timestamp'
    }) | indent(4) }}
)

select * from previous
