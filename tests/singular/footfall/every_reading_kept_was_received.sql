{{ rows_without_a_load(ref('int_footfall__loads'), [
    ref('sensor_traffic_hourly'), ref('rejected_readings'), ref('superseded_readings'),
    ref('deleted_readings')
]) }}
