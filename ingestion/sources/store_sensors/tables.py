"""The raw tables of the store sensors; every column is text as received."""

from ingestion.core.files.tables import FILES, lines_table
from ingestion.core.source import RECONCILIATIONS, RawTable

SCHEMA = "raw_store_sensors"
READING_KEY = ("store_name", "sensor_id", "read_at_local")
# `timestamp` stands for `date` and `hour` where a file has it instead.
FILE_COLUMNS = ("date", "hour", "timestamp", "shop", "sensor_id", "count", "units")

DAY_COUNTS = RawTable(
    ("store_name", "traffic_date", "readings_at_source", "visits_at_source", "checked_at"),
    ("store_name", "traffic_date"),
    is_note=True,
)

RAW_TABLES = {
    "readings": RawTable((*READING_KEY, "visits"), READING_KEY),
    # Deleted at the source; it is valid for the answer that was loaded before.
    "reading_deletions": RawTable((*READING_KEY, "detected_at"), READING_KEY),
    "file_readings": lines_table(FILE_COLUMNS),
    "files": FILES,
    "stores": RawTable(("store_name", "city", "time_zone", "opened_on"), ("store_name",)),
    "sensors": RawTable(("store_name", "sensor_id"), ("store_name", "sensor_id")),
    "opening_hours": RawTable(
        ("store_name", "iso_weekday", "opens_at", "closes_at"), ("store_name", "iso_weekday")
    ),
    "day_counts": DAY_COUNTS,
    "reconciliations": RECONCILIATIONS,
}
