"""The raw tables of the store sensors; every column is text as received."""

from ingestion.raw_store import RawTable

SOURCE = "store_sensors"
SCHEMA = f"raw_{SOURCE}"
READING_KEY = ("store_name", "sensor_id", "read_at_local")
FILE_COLUMNS = ("date", "hour", "shop", "sensor_id", "count", "units")

RAW_TABLES = {
    "readings": RawTable((*READING_KEY, "visits"), READING_KEY),
    "file_readings": RawTable(
        ("file_sha256", "line_number", "file_name", *FILE_COLUMNS),
        ("file_sha256", "line_number"),
    ),
    "stores": RawTable(("store_name", "city", "time_zone", "opened_on"), ("store_name",)),
    "sensors": RawTable(("store_name", "sensor_id"), ("store_name", "sensor_id")),
}
