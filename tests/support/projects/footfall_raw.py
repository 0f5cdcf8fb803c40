"""Raw files of the stores' sensors as loads leave them, and the marts that dbt builds of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.build.scope import PREVIOUS
from dbt_project.paths import Paths
from tests.support.projects.building import build

TABLES = {
    "readings": ("store_name", "sensor_id", "read_at_local", "visits"),
    "file_readings": (
        *("file_sha256", "line_number", "file_name", "date", "hour", "shop", "sensor_id"),
        *("count", "units"),
    ),
    "stores": ("store_name", "city", "time_zone", "opened_on"),
    "sensors": ("store_name", "sensor_id"),
    "reading_deletions": ("store_name", "sensor_id", "read_at_local", "detected_at"),
    "day_counts": (
        *("store_name", "traffic_date", "readings_at_source", "visits_at_source", "checked_at"),
    ),
}
KEYS = {
    "readings": ("store_name", "sensor_id", "read_at_local"),
    "file_readings": ("file_sha256", "line_number"),
    "stores": ("store_name",),
    "sensors": ("store_name", "sensor_id"),
    "reading_deletions": ("store_name", "sensor_id", "read_at_local"),
    "day_counts": ("store_name", "traffic_date"),
}
MARTS = (
    *("sensor_traffic_hourly", "sensor_traffic_daily", "store_traffic_hourly"),
    *("store_traffic_daily", "store_trend_monthly", "sensor_health", "door_utilisation"),
    *("dim_store", "dim_sensor", "rejected_readings", "superseded_readings"),
    *("deleted_readings", "reading_load_reconciliation", "reading_source_reconciliation"),
)
WITH_TESTS = (
    *("path:seeds/footfall", "path:models/staging/store_sensors", PREVIOUS),
    *("path:models/intermediate/footfall", "path:models/marts/footfall"),
    "path:tests/singular/footfall",
)
# Tests lie in the models' folders.
MODELS = ("path:seeds/footfall", *(f"{path},resource_type:model" for path in WITH_TESTS[1:5]))
CALENDAR = ("holidays", "dim_holiday", "dim_date")
Row = tuple[Any, ...]


class Footfall:
    """A data folder with a raw file of the sensors, and the marts built of it."""

    def __init__(self, data: Path) -> None:
        self.paths = Paths(data=data)
        self.paths.work.mkdir(parents=True)
        with duckdb.connect(self.paths.raw) as raw:
            raw.execute("create schema raw_store_sensors")
            for table, columns in TABLES.items():
                texts = ", ".join(f"{column} varchar" for column in (*columns, "_dlt_load_id"))
                raw.execute(f"create table raw_store_sensors.{table} ({texts})")

    def load(self, load_id: str, **tables: Iterable[Sequence[str | None]]) -> None:
        """Merge rows of tables into raw by their keys, as dlt does."""
        with duckdb.connect(self.paths.raw) as raw:
            for table, rows in tables.items():
                columns = (*TABLES[table], "_dlt_load_id")
                given = [(*row, load_id) for row in rows]
                marks = ", ".join("?" for _ in columns)
                key = ", ".join(KEYS[table])
                raw.execute(f"create temp table given as from raw_store_sensors.{table} limit 0")
                raw.executemany(f"insert into given values ({marks})", given)
                raw.execute(
                    f"delete from raw_store_sensors.{table}"
                    f" where ({key}) in (select {key} from given)"
                )
                raw.execute(f"insert into raw_store_sensors.{table} from given")
                raw.execute("drop table given")

    def build(self, *, tests: bool = True, full_refresh: bool = False) -> None:
        """Build the marts, and test them: every test has to pass."""
        calendar = () if self.paths.work_marts.exists() else CALENDAR
        build(
            self.paths,
            [*calendar, *(WITH_TESTS if tests else MODELS)],
            # Without the tests that ask crime, too, whether its days are in the calendar.
            tests="buildable" if tests else "empty",
            full_refresh=full_refresh,
        )

    def query(self, sql: str) -> list[Row]:
        with duckdb.connect(self.paths.work_marts) as marts:
            marts.execute("set TimeZone = 'UTC'")
            return marts.execute(sql).fetchall()

    def marts(self) -> dict[str, list[Row]]:
        """Every row of every mart of footfall."""
        return {mart: self.query(f"from footfall.{mart} order by all") for mart in MARTS}


def hours(start: str, end: str) -> list[str]:
    """The clock hours from a time to before another, as the API writes them."""
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    count = int((last - first) / timedelta(hours=1))
    return [(first + timedelta(hours=number)).isoformat() for number in range(count)]


def answers(
    store: str, sensors: Iterable[int], start: str, end: str, add: int = 0
) -> list[tuple[str, str, str, str]]:
    """An answer a sensor and hour: closed at night, else a number made of all three."""
    return [
        (store, str(sensor), hour, str(visits(sensor, hour, add)))
        for sensor in sensors
        for hour in hours(start, end)
    ]


def visits(sensor: int, hour: str, add: int = 0) -> int:
    at = datetime.fromisoformat(hour)
    return (at.day * 7 + at.hour * 3 + sensor * 11 + add) % 50 if 8 <= at.hour <= 18 else 0
