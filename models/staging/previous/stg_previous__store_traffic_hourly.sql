with previous as (
    {{ previous_rows(source('previous_footfall', 'store_traffic_hourly'), {
        'store_name': 'string',
        'readings_expected': 'bigint',
        'traffic_date': 'date'
    }) | indent(4) }}
)

select * from previous
