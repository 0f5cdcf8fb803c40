with previous as (
    {{ previous_rows(source('previous_footfall', 'store_traffic_daily'), {
        'store_name': 'string',
        'iso_weekday': 'integer',
        'opens_at_hour': 'integer',
        'closes_at_hour': 'integer',
        'opening_hours_source': 'string',
        'readings_expected': 'bigint',
        'traffic_date': 'date'
    }) | indent(4) }}
)

select * from previous
