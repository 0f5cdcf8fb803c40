"""Country databases that a test steers, and a raw database to load them into."""

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.core.loading import LoadReport, LoadSession, load
from ingestion.core.progress import LineProgress
from ingestion.simulators.pisa.survey import Survey

NOW = datetime(2026, 6, 17, 10, 30, tzinfo=UTC)
ROWS = 40


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Loader:
    """Loads into a raw database of its own, at the survey's time."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    session: LoadSession | None = None

    def reconcile(self, **more: Any) -> LoadReport:
        return self.load(reconcile=True, **more)

    def load(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        file: Path | None = None,
        accept_shrink: bool = False,
        reconcile: bool = False,
    ) -> LoadReport:
        return load(
            "pisa",
            data_dir=self.folder,
            since=date.fromisoformat(since) if since else None,
            until=date.fromisoformat(until) if until else None,
            accept_shrink=accept_shrink,
            reconcile=reconcile,
            progress=LineProgress(),
            file=file,
            clock=self.clock,
            session=self.session,
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "raw.duckdb"), read_only=True) as connection:
            connection.execute("use raw_pisa")
            return connection.execute(sql).fetchall()

    def numbers(self) -> dict[str, int]:
        return dict(
            self.query("select database_country, count(*) from responses group by all order by 1")
        )

    def checks(self) -> dict[str, str]:
        return dict(self.query("select database_country, outcome from database_checks"))


def configure(monkeypatch: pytest.MonkeyPatch, survey: Survey | None, **more: str) -> None:
    """Point the source at databases, whatever the developer's own environment says."""
    for name in [name for name in os.environ if name.startswith("SOURCES__PISA__")]:
        monkeypatch.delenv(name)
    databases = {**(survey.databases() if survey else {}), **more}
    if databases:
        monkeypatch.setenv("SOURCES__PISA__DATABASES", json.dumps(databases))


def settings(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"SOURCES__PISA__{name}", str(value))


def source_rows(survey: Survey, country: str, columns: str) -> list[tuple[Any, ...]]:
    """Return what a country's database holds, in the order of ids."""
    cursor = survey.server.connect(country).cursor()
    cursor.execute(f"select {columns} from responses order by id")
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    cursor.connection.close()
    return rows
