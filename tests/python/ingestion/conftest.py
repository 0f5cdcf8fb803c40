"""A simulated portal, and a raw database to load it into."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingestion.simulators.process import running
from tests.support.sources.loading import RawLoader, Simulated, set_only

CRIMES, LAST_YEAR, CODES = "ijzp-q8t2", "x2n5-8w5q", "c7ck-438e"
RESIDENTS = "t68z-cikk"
OUTLINES = ("24zt-jpfn", "p293-wvbd", "k9yb-bpqx", "xt4z-bnwh", "igwz-8jzy")
# 22 districts, 50 wards of each of three maps, 77 community areas.
OUTLINE_COUNT = 249


class Portal(Simulated):
    """The simulated portal and its control routes."""

    def rows(self, select: str, where: str = "", dataset: str = CRIMES) -> list[dict[str, str]]:
        params = {"$select": select, "$order": ":id", "$limit": "1000000"}
        params |= {"$where": where} if where else {}
        answer = self.http.get(f"{self.url}/resource/{dataset}.json", params=params)
        rows: list[dict[str, str]] = answer.json()
        return rows

    def versions(self, dataset: str = CRIMES, where: str = "") -> list[tuple[str, ...]]:
        rows = self.rows(":id,:updated_at,:version", where, dataset)
        return sorted((row[":id"], row[":updated_at"], row[":version"]) for row in rows)


class Raw(RawLoader):
    """A raw database in a folder of its own."""

    source = "chicago-crime"

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
    set_only(monkeypatch, "CHICAGO_CRIME", BASE_URL=url, PAGE_SIZE=200)
