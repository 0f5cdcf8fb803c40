"""Country databases that a test steers, and a raw database to load them into."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingestion.core.loading import LoadSession
from ingestion.simulators.pisa.survey import Survey
from tests.support.sources.loading import RawLoader, set_only

NOW = datetime(2026, 6, 17, 10, 30, tzinfo=UTC)
ROWS = 40
COUNTRIES = ("alb", "fra")


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Loader(RawLoader):
    """Loads into a raw database of its own, at the survey's time."""

    source = "pisa"

    clock: Clock = field(default_factory=Clock)
    session: LoadSession | None = None

    def options(self) -> dict[str, Any]:
        return {"clock": self.clock, "session": self.session}

    def numbers(self) -> dict[str, int]:
        return dict(
            self.query("select database_country, count(*) from responses group by all order by 1")
        )

    def checks(self) -> dict[str, str]:
        return dict(self.query("select database_country, outcome from database_checks"))


def configure(monkeypatch: pytest.MonkeyPatch, survey: Survey | None, **more: str) -> None:
    """Point the source at databases, whatever the developer's own environment says."""
    databases = {**(survey.databases() if survey else {}), **more}
    set_only(monkeypatch, "PISA", **({"DATABASES": json.dumps(databases)} if databases else {}))


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
