"""Runs that are refused or fail: readers keep what they have, and the next run is right."""

import time
from pathlib import Path

import duckdb
import pytest

from ingestion.simulators.pisa.survey import Survey
from tests.support.crash_points import Reader, left_behind
from tests.support.survey_fixture import FACT, ROWS, RUN, SOURCE
from tests.support.warehouse import Warehouse, hashes, query

MORE = 5


@pytest.fixture(scope="module")
def refused(published: Warehouse, survey: Survey) -> str:
    """The output of a second run during another one, which no reader noticed."""
    warehouse = published
    assert query(warehouse.build, FACT) == [(ROWS,)]
    survey.insert("AUT", MORE)
    reader = Reader(warehouse)
    run = warehouse.start(*RUN)
    while "submissions: started" not in run.output:
        time.sleep(0.01)
    refused = warehouse.fails(*RUN)
    while run.process.poll() is None:
        reader.look()
        time.sleep(0.1)
    assert run.end() == 0, run.output
    reader.close()
    assert query(warehouse.build, FACT) == [(ROWS + MORE,)]
    assert left_behind(warehouse, SOURCE) == []
    return refused


def test_a_second_run_is_refused_while_one_runs(refused: str) -> None:
    assert "is in use by process" in refused
    assert "(warehouse run pisa)" in refused
    assert "wait until it has finished" in refused


def raw(data: Path, sql: str) -> None:
    with duckdb.connect(data / "raw.duckdb") as connection:
        connection.execute("use raw_pisa")
        connection.execute(sql)


@pytest.mark.usefixtures("refused")
def test_a_failed_audit_publishes_nothing_until_it_is_fixed(warehouse: Warehouse) -> None:
    link = warehouse.data / "published"
    before, published = link.readlink(), hashes(warehouse.build)
    one = "database_country = 'AUT' and id = (select min(id) from responses)"
    raw(warehouse.data, f"insert into responses from responses where {one}")
    line = warehouse.fails("build", SOURCE)
    assert "submission_load_reconciliation__every_row_received_is_accounted_for" in line
    assert "nothing new was published" in line
    assert link.readlink() == before
    assert hashes(warehouse.build) == published
    assert "audit failed" in warehouse.fails("publish")
    raw(
        warehouse.data,
        f"delete from responses where rowid = (select max(rowid) from responses where {one})",
    )
    warehouse("build", SOURCE)
    warehouse("publish")
    assert link.readlink() > before
    assert hashes(warehouse.build) == published
    assert left_behind(warehouse, SOURCE) == []
