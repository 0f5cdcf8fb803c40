"""Runs that are killed, refused or fail: readers keep what they have, and the next run is right."""

import base64
import hashlib
import signal
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.simulators.serving import serving
from tests.python.end_to_end.moments import BUILD, LOAD, PUBLISH, Moment, writes_raw
from tests.python.end_to_end.warehouse import (
    Command,
    Portal,
    Warehouse,
    contents,
    hashes,
    manifest,
    query,
)

ROWS = 1_500
TOKEN = "planted-9f3c1e7a5b"
RUN = ("run", "chicago-crime")
MADE_BY_THE_RUN = {
    "crimes": "_dlt_load_id",
    "iucr_codes": "_dlt_load_id",
    "outlines": "_dlt_load_id",
    "crime_deletions": "_dlt_load_id, detected_at",
    "day_counts": "_dlt_load_id, checked_at",
}


class Reader:
    """Reads the published marts: by the file that was there first, and by the one there now."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.first = warehouse.build
        self.rows = manifest(self.first)["tables"]["crime.fct_crimes"]["rows"]
        self.connection = duckdb.connect(self.first / "marts.duckdb", read_only=True)

    def look(self) -> None:
        count = "select count(*) from crime.fct_crimes"
        assert self.connection.execute(count).fetchall() == [(self.rows,)]
        build = self.warehouse.build
        tables = manifest(build)["tables"]
        assert query(build, count) == [(tables["crime.fct_crimes"]["rows"],)]

    def check(self) -> None:
        """Look, and read every file of the build that is published now."""
        self.look()
        build = self.warehouse.build
        found = manifest(build)
        files = [
            found["database"],
            *({**t, "path": t["parquet"]} for t in found["tables"].values()),
        ]
        for file in files:
            digest = hashlib.sha256((build / file["path"]).read_bytes()).hexdigest()
            assert digest == file["sha256"], file["path"]


def holds_no_token(folder: Path) -> bool:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return all(TOKEN.encode() not in path.read_bytes() for path in files)


def is_clean(warehouse: Warehouse) -> bool:
    """Nothing is pending and nothing was left behind."""
    status = warehouse.status()
    assert (status["run"], status["killed"], status["leftovers"]) == (None, None, [])
    assert status["sources"]["chicago-crime"]["pending_loads"] == 0
    assert status["audit"]["succeeded"]
    assert status["published"]["build_id"] == warehouse.build.name
    data = warehouse.data
    hidden = {path.name for path in data.rglob(".*")}
    assert hidden == {".lock"}
    left = [*data.rglob("*.wal"), *data.rglob("*.tmp"), *data.glob("work/dlt-*")]
    builds = sorted(path.name for path in (data / "builds").iterdir())
    return not left and builds[-1] == warehouse.build.name


def raw_contents(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """What raw holds, without what tells one load from another."""
    return {
        table: warehouse.raw(f"select * exclude ({names}) from {table} order by all")
        for table, names in MADE_BY_THE_RUN.items()
    }


@dataclass
class Base:
    """A warehouse that is published, while the source has moved on; and what comes of a run."""

    state: Path
    raw: dict[str, list[tuple[Any, ...]]]
    contents: dict[str, tuple[Any, ...]]
    refused: str


@pytest.fixture(scope="module")
def portal(warehouse: Warehouse) -> Iterator[Portal]:
    with serving("chicago-crime", rows=ROWS, seed=5, app_tokens=[TOKEN]) as url:
        warehouse.use(url)
        warehouse.env["SOURCES__CHICAGO_CRIME__APP_TOKEN"] = TOKEN
        yield Portal(url)


@pytest.fixture(scope="module")
def base(warehouse: Warehouse, portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Base:
    # The first of all loads is killed too.
    first = warehouse.start(*RUN)
    assert first.kill_when(lambda: "crimes: backfill: started" in first.said)
    warehouse(*RUN)
    assert query(warehouse.build, "select count(*) from crime.fct_crimes") == [(ROWS,)]
    assert is_clean(warehouse)
    crimes = portal.rows("id", "district = '008'")
    portal.control("restamp", where="district in ('011', '006')")
    portal.control("edit", where=f"id = '{crimes[0]['id']}'", set={"ward": "north"})
    portal.control("edit", where="domestic = true", set={"arrest": "true"})
    for crime in crimes[1:3]:
        portal.control("delete", where=f"id = '{crime['id']}'")
    state = warehouse.save(tmp_path_factory.mktemp("base") / "data")
    reader = Reader(warehouse)
    run = warehouse.start(*RUN)
    while "changes: started" not in run.said:
        time.sleep(0.01)
    refused = warehouse.fails(*RUN)
    while run.process.poll() is None:
        reader.look()
        time.sleep(0.1)
    assert run.end() == 0, run.said
    reader.check()
    assert is_clean(warehouse)
    assert query(warehouse.build, "select count(*) from crime.fct_crimes") == [(ROWS - 2,)]
    return Base(state, raw_contents(warehouse), contents(warehouse.build), refused)


def kill(warehouse: Warehouse, reader: Reader, moment: Moment, *arguments: str) -> None:
    """Kill a command at a moment; readers must not notice, and no secret may be left."""
    command = warehouse.start(*arguments)
    assert command.kill_when(lambda: moment(warehouse, command)), command.said
    check_killed(warehouse, reader, command)


def check_killed(warehouse: Warehouse, reader: Reader, command: Command) -> None:
    assert command.end() == -signal.SIGKILL, command.said
    reader.check()
    assert holds_no_token(warehouse.data)
    assert warehouse.status()["killed"]["pid"] == command.process.pid


@pytest.mark.parametrize("moment", LOAD)
def test_a_load_that_is_killed_is_made_good_by_the_next(
    moment: str, warehouse: Warehouse, base: Base
) -> None:
    warehouse.restore(base.state)
    reader = Reader(warehouse)
    kill(warehouse, reader, LOAD[moment], *RUN)
    assert warehouse.build == reader.first
    warehouse("load")
    assert raw_contents(warehouse) == base.raw
    assert not list(warehouse.data.glob("work/dlt-*"))


@dataclass
class Steps:
    """The states between the steps of a run, and the content hashes that it ends with."""

    loaded: Path
    audited: Path
    published: Path
    hashes: dict[str, str]


@pytest.fixture(scope="module")
def steps(warehouse: Warehouse, base: Base, tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """The same run, step by step, after a load that was killed."""
    folder = tmp_path_factory.mktemp("steps")
    warehouse.restore(base.state)
    kill(warehouse, Reader(warehouse), writes_raw, "load")
    warehouse("load")
    loaded = warehouse.save(folder / "loaded")
    warehouse("build", "chicago-crime")
    audited = warehouse.save(folder / "audited")
    warehouse("publish")
    assert is_clean(warehouse)
    assert contents(warehouse.build) == base.contents
    published = warehouse.save(folder / "published")
    return Steps(loaded, audited, published, hashes(warehouse.build))


def test_builds_that_are_killed_are_made_good_by_the_next_run(
    warehouse: Warehouse, steps: Steps
) -> None:
    warehouse.restore(steps.loaded)
    reader = Reader(warehouse)
    # Each of these runs is also the next one after a kill.
    for moment in BUILD.values():
        kill(warehouse, reader, moment(), *RUN)
        assert warehouse.build == reader.first
    warehouse(*RUN)
    reader.check()
    assert hashes(warehouse.build) == steps.hashes
    assert is_clean(warehouse)


@pytest.mark.parametrize("moment", PUBLISH)
def test_a_publication_that_is_killed_is_made_good_by_the_next(
    moment: str, warehouse: Warehouse, steps: Steps
) -> None:
    warehouse.restore(steps.audited)
    reader = Reader(warehouse)
    check_killed(warehouse, reader, warehouse.start_killed_at(*PUBLISH[moment], "publish"))
    assert hashes(warehouse.build) in (hashes(reader.first), steps.hashes)
    warehouse("publish")
    reader.check()
    assert hashes(warehouse.build) == steps.hashes
    assert is_clean(warehouse)


def test_a_second_run_is_refused_while_one_runs(base: Base) -> None:
    assert "is in use by process" in base.refused
    assert "(warehouse run chicago-crime)" in base.refused
    assert "wait until it has finished" in base.refused


def test_a_failed_audit_publishes_nothing_until_it_is_mended(
    warehouse: Warehouse, steps: Steps
) -> None:
    warehouse.restore(steps.published)
    link = warehouse.data / "published"
    before = link.readlink()
    doubled = "select max(socrata_id) from crimes"
    warehouse.raw(f"insert into crimes from crimes where socrata_id = ({doubled})")
    line = warehouse.fails("build", "chicago-crime")
    assert "crime_load_reconciliation__every_row_received_is_accounted_for" in line
    assert "nothing new was published" in line
    assert link.readlink() == before
    assert hashes(warehouse.build) == steps.hashes
    assert "audit failed" in warehouse.fails("publish")
    warehouse.raw(
        "delete from crimes where rowid in (select max(rowid) from crimes"
        f" where socrata_id = ({doubled}) group by socrata_updated_at, socrata_version"
        " having count(*) > 1)"
    )
    warehouse("build", "chicago-crime")
    warehouse("publish")
    assert link.readlink() > before
    assert hashes(warehouse.build) == steps.hashes
    assert is_clean(warehouse)


def test_the_app_token_is_in_no_file_and_in_no_output(
    warehouse: Warehouse, portal: Portal, steps: Steps
) -> None:
    # The portal would have refused another.
    assert len(portal.asked()) > 20
    for folder in (warehouse.data.parent, steps.loaded.parent):
        assert holds_no_token(folder)
    states = [state for (state,) in warehouse.raw("select state from _dlt_pipeline_state")]
    plain = [zlib.decompress(base64.b64decode(state)) for state in states]
    assert any(b"watermark" in state for state in plain)
    assert not any(TOKEN.encode() in state for state in plain)
