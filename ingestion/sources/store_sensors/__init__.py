"""Visits by door and hour from the API of the stores' sensors, or from a file of readings.

Flow: CSV stream or single answers -> Arrow table of text -> what is new or differs ->
    raw_store_sensors.<table> in data/raw.duckdb, merged on (store_name, sensor_id, read_at_local).
Windows: `/readings` by windows of 250,000 readings, else `/` with many requests in flight.
State: the local hours covered of each door, committed together with the readings.
Run: warehouse load store-sensors [--since 2018-01-01] [--until 2019-01-01] [--file readings.csv]
"""
