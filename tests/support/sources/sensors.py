"""The simulated API of the stores' sensors, and a raw database to load it into."""

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from ingestion.core.loading import LoadReport, load
from ingestion.core.progress import LineProgress, Progress

NOW = "2026-06-17T10:30:00+00:00"
READINGS = "store_name, sensor_id, read_at_local, visits"
DOORS = 39


@dataclass
class Sensors:
    """The simulated API and its control routes."""

    url: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def control(self, action: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(f"{self.url}/control/{action}", json=body)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def set(self, store: str, sensor: int, hour: str, visits: Any) -> None:
        self.control("set", store_name=store, sensor_id=sensor, read_at_local=hour, visits=visits)

    def asked(self, path: str) -> list[str]:
        requests = self.http.get(f"{self.url}/control/requests").json()["requests"]
        return [one["query"] for one in requests if one["path"] == path]


@dataclass
class Loader:
    """Loads into a raw database of its own, at a time of its own."""

    folder: Path
    api: Sensors | None = None
    now: str = NOW
    progress: Progress = field(default_factory=LineProgress)

    def at(self, now: str) -> "Loader":
        self.now = now
        if self.api:
            self.api.control("clock", now=now)
        return self

    def reconcile(self, **more: Any) -> LoadReport:
        return self.load(reconcile=True, **more)

    def load(
        self,
        since: str | None = None,
        until: str | None = None,
        *,
        file: Path | None = None,
        accept_shrink: bool = False,
        reconcile: bool = False,
    ) -> LoadReport:
        return load(
            "store-sensors",
            data_dir=self.folder,
            since=date.fromisoformat(since) if since else None,
            until=date.fromisoformat(until) if until else None,
            accept_shrink=accept_shrink,
            reconcile=reconcile,
            progress=self.progress,
            file=file,
            clock=lambda: datetime.fromisoformat(self.now).astimezone(UTC),
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "raw.duckdb"), read_only=True) as connection:
            connection.execute("use raw_store_sensors")
            return connection.execute(sql).fetchall()

    def readings(self, where: str = "true") -> list[tuple[Any, ...]]:
        return self.query(f"select {READINGS} from readings where {where} order by all")

    def number(self, where: str = "true") -> int:
        return int(self.query(f"select count(*) from readings where {where}")[0][0])


def use(api: Sensors | None, monkeypatch: pytest.MonkeyPatch, **settings: object) -> None:
    """Point the source at an API, whatever the developer's own environment says."""
    for name in [name for name in os.environ if name.startswith("SOURCES__STORE_SENSORS__")]:
        monkeypatch.delenv(name)
    values = {"BASE_URL": api.url, "LOOK_BACK_HOURS": "6", **settings} if api else settings
    for name, value in values.items():
        monkeypatch.setenv(f"SOURCES__STORE_SENSORS__{name}", str(value))
