{% set by = ['load_id'] %}

{{ load_reconciliation(
    loads=ref('int_footfall__load_states'),
    by=by,
    counts={
        'rows_in_warehouse': rows_by(
            by, ref('sensor_traffic_hourly'),
            rows='sum(rows_received)', where='load_id is not null'
        ),
        'rows_rejected': rows_by(by, ref('rejected_readings')),
        'rows_superseded': rows_by(by, ref('superseded_readings')),
        'rows_deleted': rows_by(by, ref('deleted_readings')),
    },
    built_after=[
        ref('sensor_traffic_daily'), ref('store_traffic_hourly'), ref('store_traffic_daily')
    ]
) }}
