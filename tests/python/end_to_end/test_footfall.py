"""Footfall by the command line: both forms of the API, a file, kills, an unreachable API."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingestion.simulators.process import running
from ingestion.simulators.serving import serving
from tests.support.warehouse import (
    Warehouse,
    contents,
    hashes,
    query,
)

pytestmark = pytest.mark.slow
# The clocks go forward on the 30th.
DAYS = ("--since", "2025-03-27", "--until", "2025-04-01")
RUN = ("run", "store-sensors", *DAYS)
DOORS = 39
HOURS = 5 * 24 - 1
SOME = 1_000


@pytest.fixture(scope="module")
def run_undisturbed(warehouse: Warehouse) -> Warehouse:
    """A warehouse that loaded the days in one go, through /readings."""
    with serving("store-sensors") as url:
        warehouse.use(url, "store-sensors")
        warehouse(*RUN)
    return warehouse


@pytest.fixture
def another(warehouse: Warehouse) -> Callable[[str], Warehouse]:
    """Empty the warehouse's folder, and use another API."""

    def use(url: str) -> Warehouse:
        warehouse.use(url, "store-sensors")
        warehouse.empty()
        return warehouse

    return use


@pytest.fixture(scope="module")
def expected(run_undisturbed: Warehouse) -> dict[str, tuple[Any, ...]]:
    (readings,) = query(
        run_undisturbed.build,
        "select count(*), sum(readings_valid) from footfall.sensor_traffic_hourly",
    )
    assert readings[0] == DOORS * HOURS
    assert 0.9 * DOORS * HOURS < readings[1] < DOORS * HOURS
    return footfall(run_undisturbed)


def asked(url: str) -> int:
    """How many requests the API has answered."""
    return int(httpx.get(f"{url}/control/requests").json()["count"])


def footfall(warehouse: Warehouse) -> dict[str, tuple[Any, ...]]:
    """What the marts hold, without the names of loads."""
    every = contents(warehouse.build)
    return {
        name: found
        for name, found in every.items()
        if name.startswith("footfall.") and not name.endswith("_load_reconciliation")
    }


@pytest.mark.long
def test_the_old_api_gives_the_same_marts_through_kills_and_an_outage(
    expected: dict[str, tuple[Any, ...]], another: Callable[[str], Warehouse]
) -> None:
    with running("store-sensors", routes="one") as url:
        warehouse = another(url)
        load = warehouse.start(*RUN)
        assert load.kill_when(lambda: asked(url) > SOME)
        before = asked(url)
        load = warehouse.start(*RUN)
        while asked(url) < before + SOME:
            assert load.process.poll() is None, load.output
    # The API ended with its block, in the midst of the load.
    assert load.end() == 1, load.output
    last = load.output.strip().splitlines()[-1]
    assert last.startswith("warehouse: store-sensors: ")
    assert "Traceback" not in load.output
    with serving("store-sensors", routes="one") as url:
        warehouse.use(url, "store-sensors")
        warehouse(*RUN)
        again = warehouse("load", "store-sensors", "--until", DAYS[-1])
        assert footfall(warehouse) == expected
        assert "nothing new" in again
        # Longer ago than any load looks back: one reading changes, and one is deleted.
        for hour, visits in (("2025-03-27T11:00:00", 4711), ("2025-03-27T12:00:00", None)):
            changed = {"store_name": "Roma", "sensor_id": 0, "read_at_local": hour}
            httpx.post(f"{url}/control/set", json=changed | {"visits": visits})
        output = warehouse("reconcile", "store-sensors")
    assert "readings 1, reading_deletions 1" in output, output
    assert query(
        warehouse.build,
        "select part, periods, periods_that_differ, periods_read_again, rows_deleted,"
        " reconciled_at is not null from core.source_reconciliation where part = 'Roma'",
    ) == [("Roma", 5, 0, 1, 1, True)]
    assert query(
        warehouse.build,
        "select visits, reading_status from footfall.sensor_traffic_hourly where sensor_id = 0"
        " and store_name = 'Roma' and read_at_local in ('2025-03-27 11:00', '2025-03-27 12:00')"
        " order by read_at_local",
    ) == [(4711, "valid"), (None, "not_received")]


def is_key_missing(row: dict[str, str]) -> bool:
    return "NULL" in (row["date"], row["hour"], row["shop"], row["sensor_id"])


def test_every_line_of_a_clients_file_is_published(
    sample_data: Path, another: Callable[[str], Warehouse]
) -> None:
    file = sample_data / "sensors/dat.csv"
    warehouse = another("http://127.0.0.1:9")
    output = warehouse("load", "store-sensors", "--file", str(file))
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert f"file_readings {len(rows):,}" in output
    warehouse("build")
    warehouse("publish")

    # By hand, from the same file.
    visits: dict[tuple[str, date], int | None] = defaultdict(lambda: None)
    missing: Counter[str] = Counter()
    for row in rows:
        for column in ("date", "hour", "shop", "sensor_id", "count"):
            missing[column] += row[column] == "NULL"
        if not is_key_missing(row) and row["count"] not in ("NULL", "-1"):
            key = row["shop"], date.fromisoformat(row["date"])
            visits[key] = (visits[key] or 0) + int(row["count"])

    found = query(
        warehouse.build, "select store_name, traffic_date, visits from footfall.store_traffic_daily"
    )
    assert {(store, day): count for store, day, count in found} == visits
    assert dict(rejected_by_column(warehouse)) == missing
    (unread,) = query(warehouse.build, "select count(*) from footfall.rejected_readings")
    assert unread == (sum("NULL" in row.values() for row in rows),)
    before = hashes(warehouse.build)
    assert "nothing new" in warehouse("load", "store-sensors", "--file", str(file))
    assert hashes(warehouse.build) == before


def rejected_by_column(warehouse: Warehouse) -> list[tuple[str, int]]:
    """How many rows were rejected for each column; a row may be for several."""
    found: list[Any] = query(
        warehouse.build,
        "select case split_part(reason, ':', 1) when 'visits' then 'count' when 'store_name'"
        " then 'shop' else split_part(reason, ':', 1) end, count(*) from ("
        "select unnest(string_split(reason, '; ')) as reason from footfall.rejected_readings)"
        " group by all",
    )
    return found
