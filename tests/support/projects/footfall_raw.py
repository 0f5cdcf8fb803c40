"""Raw files of the stores' sensors as loads leave them, and the marts that dbt builds of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from dbt_project.build.scope import PREVIOUS
from dbt_project.paths import Paths
from ingestion.sources.store_sensors.tables import RAW_TABLES, SCHEMA
from tests.support.projects.building import build
from tests.support.projects.raw_project import RawProject

MARTS = (
    *("sensor_traffic_hourly", "sensor_traffic_daily", "store_traffic_hourly"),
    *("store_traffic_daily", "store_trend_monthly", "sensor_health", "door_utilisation"),
    "store_opening_hours",
    *(
        "dim_store",
        "dim_sensor",
        "footfall_by_holiday",
        "sensor_health_monthly",
        "rejected_opening_hours",
        "rejected_readings",
        "superseded_readings",
    ),
    *("deleted_readings", "reading_load_reconciliation", "reading_source_reconciliation"),
)
WITH_TESTS = (
    *("path:seeds/footfall", "path:models/staging/store_sensors", PREVIOUS),
    *("path:models/intermediate/footfall", "path:models/marts/footfall"),
    "path:tests/singular/footfall",
)
# Tests lie in the models' folders.
MODELS = ("path:seeds/footfall", *(f"{path},resource_type:model" for path in WITH_TESTS[1:5]))
CALENDAR = ("path:seeds/core", "dim_country", "dim_holiday", "dim_date")


class Footfall(RawProject):
    """A data folder with a raw file of the sensors, and the marts built of it."""

    raw_schema, raw_tables = SCHEMA, RAW_TABLES
    domain, domain_marts = "footfall", MARTS

    @classmethod
    def of_raw(cls, data: Path) -> "Footfall":
        """A project on the raw file that a load wrote."""
        project = cls.__new__(cls)
        project.paths = Paths(data=data)
        project.paths.work.mkdir(parents=True, exist_ok=True)
        return project

    def load(self, load_id: str, **tables: Iterable[Sequence[str | None]]) -> None:
        """Merge rows of tables, whose cells stand in the order of the columns, into raw."""
        for name, rows in tables.items():
            columns = RAW_TABLES[name].columns
            merge = self.merge_lines if name == "file_readings" else self.merge
            merge(load_id, name, (dict(zip(columns, row, strict=True)) for row in rows))

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
