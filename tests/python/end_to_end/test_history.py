"""A history that is built in bounded increments gives what one build of all of it gives."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.simulators.serving import serving
from tests.support.warehouse import Portal, Warehouse, contents, sum_rule

pytestmark = pytest.mark.slow
# The last eleven days of 2025.
ROWS = 8_000
# A load is read whole: each increment reads one of them.
ROWS_PER_INCREMENT = "1000"
LOADS = ("2025-12-23", "2025-12-26", "2025-12-29", "2026-01-01")


@dataclass
class History:
    """A warehouse with several loads in raw, and what one build makes of them."""

    warehouse: Warehouse
    loaded: Path
    expected: dict[str, tuple[Any, ...]]

    def begin(self) -> Warehouse:
        """The warehouse with everything loaded and nothing built."""
        self.warehouse.restore(self.loaded)
        return self.warehouse


@pytest.fixture(scope="module")
def history(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    with serving("chicago-crime", rows=ROWS, seed=17) as url:
        portal = Portal(url)
        warehouse.use(url)
        for until in LOADS:
            warehouse("load", "chicago-crime", "--since", "2025-11-01", "--until", until)
        # A crime that was in an early load, in another month; one that is deleted.
        early = portal.rows("id", "date < '2025-12-22T00:00:00.000'")
        moved, deleted = early[0]["id"], early[1]["id"]
        portal.control("edit", where=f"id = '{moved}'", set={"date": "2025-11-20T12:00:00.000"})
        portal.control("delete", where=f"id = '{deleted}'")
        warehouse("load", "chicago-crime")
    loaded = warehouse.save(tmp_path_factory.mktemp("loaded") / "data")
    warehouse("build")
    warehouse("publish")
    yield History(warehouse, loaded, contents(warehouse.build))


def test_increments_of_one_load_give_what_one_build_gives(history: History) -> None:
    warehouse = history.begin()
    output = warehouse("build", WAREHOUSE_ROWS_PER_INCREMENT=ROWS_PER_INCREMENT)
    warehouse("publish")
    assert output.count("dbt build: done") > len(LOADS)
    assert contents(warehouse.build) == history.expected
    received, *states = sum_rule(warehouse.build)
    assert received == sum(states) > ROWS


def test_a_full_refresh_takes_the_same_increments(history: History) -> None:
    warehouse = history.begin()
    warehouse("build")
    warehouse("publish")
    output = warehouse("build", "--full-refresh", WAREHOUSE_ROWS_PER_INCREMENT=ROWS_PER_INCREMENT)
    warehouse("publish")
    assert output.count("dbt build: done") > len(LOADS)
    assert contents(warehouse.build) == history.expected


def test_a_killed_history_continues_with_what_it_had(history: History) -> None:
    warehouse = history.begin()
    command = warehouse.start("build", WAREHOUSE_ROWS_PER_INCREMENT=ROWS_PER_INCREMENT)
    # The second increment's end: two loads are in the fact, others are not.
    command.kill_when(lambda: command.output.count("dbt build: done") >= 3)
    assert command.end() == -signal.SIGKILL, command.output
    built = built_loads(warehouse)
    assert 0 < built < len(LOADS) + 1
    assert not (warehouse.data / "published").exists()

    output = warehouse("build", WAREHOUSE_ROWS_PER_INCREMENT=ROWS_PER_INCREMENT)
    # It did not begin again: fewer increments were left than there are loads.
    assert output.count("dbt build: done") < len(LOADS) + 2
    warehouse("publish")
    assert contents(warehouse.build) == history.expected


def built_loads(warehouse: Warehouse) -> int:
    """How many loads the working file accounts for."""
    with duckdb.connect(warehouse.data / "work/marts.duckdb", read_only=True) as connection:
        rows = connection.execute(
            "select count(*) from crime.crime_load_reconciliation where rows_unaccounted = 0"
        ).fetchone()
    return rows[0] if rows else 0


def test_a_setting_that_is_not_a_number_of_rows_is_named(history: History) -> None:
    warehouse = history.begin()
    output = warehouse.fails("build", WAREHOUSE_ROWS_PER_INCREMENT="a million")
    assert "WAREHOUSE_ROWS_PER_INCREMENT is 'a million'" in output
