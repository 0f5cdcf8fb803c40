"""Door sensors of a chain of stores: hourly visits by door, from an API or from files."""

from ingestion.core.source import Options, Source
from ingestion.sources.store_sensors.tables import RAW_TABLES

SOURCE = Source(
    name="store-sensors",
    domain="footfall",
    tables=RAW_TABLES,
    changed_at={"readings": "read_at_local"},
    accounted=("readings", "file_readings"),
    accounts=(
        *("sensor_traffic_hourly", "rejected_readings", "superseded_readings"),
        "deleted_readings",
    ),
    settings="ingestion.sources.store_sensors.settings:StoreSensorsSettings",
    load="ingestion.sources.store_sensors.load:load_store_sensors",
    reconcile="ingestion.sources.store_sensors.reconcile:reconcile_store_sensors",
    load_options=Options(since=True, until=True, files=True),
    simulator="ingestion.simulators.store_sensors.simulator:SIMULATOR",
)
