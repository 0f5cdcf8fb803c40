"""A simulated portal, and a raw database to load it into."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from ingestion.core.loading import LoadReport, load
from ingestion.core.progress import LineProgress
from ingestion.simulators.process import running

CRIMES, LAST_YEAR, CODES = "ijzp-q8t2", "x2n5-8w5q", "c7ck-438e"


@dataclass
class Portal:
    """The simulated portal and its control routes."""

    url: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def control(self, verb: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(f"{self.url}/control/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def asked(self) -> list[dict[str, Any]]:
        requests: list[dict[str, Any]] = self.http.get(f"{self.url}/control/requests").json()[
            "requests"
        ]
        return requests

    def rows(self, select: str, where: str = "", dataset: str = CRIMES) -> list[dict[str, str]]:
        params = {"$select": select, "$order": ":id", "$limit": "1000000"}
        params |= {"$where": where} if where else {}
        answer = self.http.get(f"{self.url}/resource/{dataset}.json", params=params)
        rows: list[dict[str, str]] = answer.json()
        return rows

    def versions(self, dataset: str = CRIMES, where: str = "") -> list[tuple[str, ...]]:
        rows = self.rows(":id,:updated_at,:version", where, dataset)
        return sorted((row[":id"], row[":updated_at"], row[":version"]) for row in rows)


@dataclass
class Raw:
    """A raw database in a folder of its own."""

    folder: Path

    def reconcile(self, **more: Any) -> LoadReport:
        return self.load(reconcile=True, **more)

    def load(
        self,
        since: str | None = None,
        until: str | None = None,
        *,
        accept_shrink: bool = False,
        reconcile: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> LoadReport:
        return load(
            "chicago-crime",
            data_dir=self.folder,
            since=date.fromisoformat(since) if since else None,
            until=date.fromisoformat(until) if until else None,
            accept_shrink=accept_shrink,
            reconcile=reconcile,
            progress=LineProgress(),
            sleep=sleep,
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "raw.duckdb"), read_only=True) as connection:
            connection.execute("use raw_chicago_crime")
            return connection.execute(sql).fetchall()

    def versions(self, table: str = "crimes") -> list[tuple[str, ...]]:
        return self.query(
            f"select socrata_id, socrata_updated_at, socrata_version from {table} order by all"
        )


@pytest.fixture(scope="module")
def portal_of_module() -> Iterator[Portal]:
    with running("chicago-crime", rows=900, seed=7) as url:
        portal = Portal(url)
        # The simulator makes a year of 260,000 rows, so few rows are few days: spread some more.
        days = [date(2023, 1, 1) + timedelta(days=2 * n) for n in range(200)]
        spread = [
            {"id": f"{5_000_000 + n}", "date": f"{d}T01:00:00.000"} for n, d in enumerate(days)
        ]
        portal.control("add", rows=spread)
        recent = [
            {"case_": f"T{n}", "date_of_occurrence": spread[150 + n]["date"]} for n in range(9)
        ]
        portal.control("add", dataset=LAST_YEAR, rows=recent)
        yield portal
        portal.http.close()


@pytest.fixture
def portal(portal_of_module: Portal, monkeypatch: pytest.MonkeyPatch) -> Portal:
    portal_of_module.control("reset")
    use(portal_of_module.url, monkeypatch)
    return portal_of_module


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    return Raw(tmp_path)


def use(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the source at a portal, whatever the developer's own environment says."""
    for name in [name for name in os.environ if name.startswith("SOURCES__CHICAGO_CRIME__")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SOURCES__CHICAGO_CRIME__BASE_URL", url)
    monkeypatch.setenv("SOURCES__CHICAGO_CRIME__PAGE_SIZE", "200")
