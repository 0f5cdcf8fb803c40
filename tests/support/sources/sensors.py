"""The simulated API of the stores' sensors, and a raw database to load it into."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion.core.loading import LoadReport
from tests.support.sources.loading import RawLoader, Simulated, set_only

NOW = "2026-06-17T10:30:00+00:00"
READINGS = "store_name, sensor_id, read_at_local, visits"
DOORS = 39


class Sensors(Simulated):
    """The simulated API and its control routes."""

    def set(self, store: str, sensor: int, hour: str, visits: Any) -> None:
        self.control("set", store_name=store, sensor_id=sensor, read_at_local=hour, visits=visits)

    def asked(self, path: str) -> list[str]:
        return [one["query"] for one in self.requests() if one["path"] == path]


@dataclass
class Loader(RawLoader):
    """Loads into a raw database of its own, at a time of its own."""

    source = "store-sensors"

    api: Sensors | None = None
    now: str = NOW

    def options(self) -> dict[str, Any]:
        return {"clock": lambda: datetime.fromisoformat(self.now).astimezone(UTC)}

    def at(self, now: str) -> "Loader":
        self.now = now
        if self.api:
            self.api.control("clock", now=now)
        return self

    def readings(self, where: str = "true") -> list[tuple[Any, ...]]:
        return self.query(f"select {READINGS} from readings where {where} order by all")

    def number(self, where: str = "true") -> int:
        return int(self.query(f"select count(*) from readings where {where}")[0][0])


def notes_of(report: LoadReport) -> list[str]:
    """The notes of a load, but for that of an API without opening hours."""
    return [note for note in report.notes if not note.startswith("The API has no /opening-hours")]


def use(api: Sensors | None, monkeypatch: pytest.MonkeyPatch, **settings: object) -> None:
    """Point the source at an API, whatever the developer's own environment says."""
    values = {"BASE_URL": api.url, "LOOK_BACK_HOURS": "6", **settings} if api else settings
    set_only(monkeypatch, "STORE_SENSORS", **values)
