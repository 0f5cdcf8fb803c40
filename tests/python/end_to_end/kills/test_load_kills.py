"""Loads that are killed in each of their packages: the next one loads the rest, once."""

from itertools import count

import duckdb

from ingestion.simulators.serving import serving
from tests.support.crash_points import PACKAGE
from tests.support.warehouse import Warehouse

LOAD = ("load", "chicago-crime")
TABLES = ("crimes", "iucr_codes")
ROWS = 300


def raw_content(warehouse: Warehouse) -> dict[str, tuple[int, int]]:
    """Rows and content of raw's tables, without the name of the load."""
    with duckdb.connect(warehouse.data / "raw.duckdb", read_only=True) as raw:
        return {
            table: raw.execute(
                "select count(*), sum(hash(content)) from"
                f" (select * exclude (_dlt_load_id) from raw_chicago_crime.{table}) as content"
            ).fetchall()[0]
            for table in TABLES
        }


def test_the_next_load_completes_one_killed_between_its_packages(
    warehouse: Warehouse,
) -> None:
    with serving("chicago-crime", rows=ROWS, seed=5) as portal:
        warehouse.use(portal)
        warehouse(*LOAD)
        whole = raw_content(warehouse)
        assert whole["crimes"][0] == ROWS
        for package in count(1):
            warehouse.empty()
            if not warehouse.start_killed_at(*LOAD, moment=PACKAGE, times=package).end():
                break
            warehouse(*LOAD)
            assert raw_content(warehouse) == whole, f"after a kill in package {package}"
            status = warehouse.status()
            assert (status["run"], status["killed"], status["leftovers"]) == (None, None, [])
    assert package > len(TABLES)
