"""Loads into a lake that are killed before each of their records: the next one completes them."""

from itertools import count
from pathlib import Path

import pytest

from ingestion.core.registry import find_source
from ingestion.simulators.serving import serving
from tests.support.sources.lakes import content, reader, rows_of_files
from tests.support.warehouse import Moment, Warehouse

SOURCE = "chicago-crime"
LOAD = ("load", SOURCE)
CRIMES = "raw_chicago_crime.crimes"
TABLES = (CRIMES, "raw_chicago_crime.iucr_codes")
ROWS = 300
# Every file that a load puts into the lake; before each of its records, the files are all there.
FILES: Moment = ("os.rename", "*/lake/raw/raw_chicago_crime/*")
RECORDS: Moment = ("os.rename", "*/lake/raw/raw_chicago_crime/_dlt_loads/*")


@pytest.mark.parametrize("moment", [RECORDS, pytest.param(FILES, marks=pytest.mark.long)])
def test_a_killed_load_is_completed_and_each_row_counts_once(
    warehouse: Warehouse, tmp_path: Path, moment: Moment
) -> None:
    written_twice = 0
    with serving(SOURCE, rows=ROWS, seed=5) as portal:
        warehouse.use(portal)
        whole = load_into(warehouse, tmp_path / "0" / "lake")
        assert whole[CRIMES][0] == ROWS
        for kill in count(1):
            lake = tmp_path / str(kill) / "lake"
            warehouse.empty()
            warehouse.env["WAREHOUSE_LAKE"] = str(lake)
            if not warehouse.start_killed_at(*LOAD, moment=moment, times=kill).end():
                break
            # The machine is lost with its data folder.
            warehouse.empty()
            assert load_into(warehouse, lake) == whole, f"after kill {kill}"
            written_twice += rows_of_files(lake, CRIMES) > ROWS
    assert kill > len(TABLES)
    assert written_twice


def load_into(warehouse: Warehouse, lake: Path) -> dict[str, tuple[int, int]]:
    """Load, and return what a reader of the lake finds."""
    warehouse.env["WAREHOUSE_LAKE"] = str(lake)
    warehouse(*LOAD)
    with reader(lake, find_source(SOURCE)) as connection:
        each = connection.execute(
            f"select count(*), count(distinct (socrata_id, socrata_updated_at)) from {CRIMES}"
        ).fetchall()
        assert each == [(ROWS, ROWS)]
        return {table: content(connection, table) for table in TABLES}
