with previous as (
    {{ previous_rows(source('previous_footfall', 'sensor_traffic_hourly'), {
        'store_name': 'varchar',
        'sensor_id': 'integer',
        'load_id': 'varchar',
        'reading_status': 'varchar',
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
