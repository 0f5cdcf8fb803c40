"""Runs that are refused or fail: readers keep what they have, and the next run is right."""

import base64
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.simulators.serving import serving
from tests.python.end_to_end.kills import Reader, left_behind
from tests.python.end_to_end.warehouse import Portal, Warehouse, hashes, query

ROWS = 1_500
SOURCE = "chicago-crime"
RUN = ("run", SOURCE)
TOKEN = "planted-9f3c1e7a5b"


def holds_no_token(folder: Path) -> bool:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return all(TOKEN.encode() not in path.read_bytes() for path in files)


@pytest.fixture(scope="module")
def portal(warehouse: Warehouse) -> Iterator[Portal]:
    with serving(SOURCE, rows=ROWS, seed=5, app_tokens=[TOKEN]) as url:
        warehouse.use(url)
        warehouse.env["SOURCES__CHICAGO_CRIME__APP_TOKEN"] = TOKEN
        yield Portal(url)


@pytest.fixture(scope="module")
def refused(warehouse: Warehouse, portal: Portal) -> str:
    """What a second run said while one ran, which nobody who read noticed."""
    warehouse(*RUN)
    assert query(warehouse.build, "select count(*) from crime.fct_crimes") == [(ROWS,)]
    crimes = portal.rows("id", "district = '008'")
    for crime in crimes[1:3]:
        portal.control("delete", where=f"id = '{crime['id']}'")
    reader = Reader(warehouse)
    run = warehouse.start(*RUN)
    while "changes: started" not in run.said:
        time.sleep(0.01)
    refused = warehouse.fails(*RUN)
    while run.process.poll() is None:
        reader.look()
        time.sleep(0.1)
    assert run.end() == 0, run.said
    reader.close()
    assert query(warehouse.build, "select count(*) from crime.fct_crimes") == [(ROWS - 2,)]
    assert left_behind(warehouse, SOURCE) == []
    return refused


def test_a_second_run_is_refused_while_one_runs(refused: str) -> None:
    assert "is in use by process" in refused
    assert "(warehouse run chicago-crime)" in refused
    assert "wait until it has finished" in refused


@pytest.mark.usefixtures("refused")
def test_a_failed_audit_publishes_nothing_until_it_is_mended(warehouse: Warehouse) -> None:
    link = warehouse.data / "published"
    before, published = link.readlink(), hashes(warehouse.build)
    doubled = "select max(socrata_id) from crimes"
    warehouse.raw(f"insert into crimes from crimes where socrata_id = ({doubled})")
    line = warehouse.fails("build", SOURCE)
    assert "crime_load_reconciliation__every_row_received_is_accounted_for" in line
    assert "nothing new was published" in line
    assert link.readlink() == before
    assert hashes(warehouse.build) == published
    assert "audit failed" in warehouse.fails("publish")
    warehouse.raw(
        "delete from crimes where rowid in (select max(rowid) from crimes"
        f" where socrata_id = ({doubled}) group by socrata_updated_at, socrata_version"
        " having count(*) > 1)"
    )
    warehouse("build", SOURCE)
    warehouse("publish")
    assert link.readlink() > before
    assert hashes(warehouse.build) == published
    assert left_behind(warehouse, SOURCE) == []


@pytest.mark.usefixtures("refused")
def test_the_app_token_is_in_no_file_and_in_no_output(warehouse: Warehouse, portal: Portal) -> None:
    # The portal would have refused another.
    assert portal.asked()
    assert holds_no_token(warehouse.data.parent)
    states = [state for (state,) in warehouse.raw("select state from _dlt_pipeline_state")]
    plain = [zlib.decompress(base64.b64decode(state)) for state in states]
    assert any(b"watermark" in state for state in plain)
    assert not any(TOKEN.encode() in state for state in plain)
