"""Loads in one process, as in `watch`: databases stay open, and only changes are sent."""

import logging
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from ingestion.core.loading import LoadSession
from ingestion.simulators.pisa.survey import Survey
from tests.support.postgres import Postgres
from tests.support.sources.pisa import ROWS, Loader, configure, settings, source_rows

OPEN = "select pid from pg_stat_activity where application_name = 'warehouse' order by pid"
SECONDS = 2
HELD = "select cast(id as bigint), escs from responses where database_country = 'ALB' order by 1"


@pytest.fixture
def session() -> Iterator[LoadSession]:
    with LoadSession() as session:
        yield session


@pytest.fixture
def loader(tmp_path: Path, session: LoadSession) -> Loader:
    return Loader(tmp_path / "data", session=session)


def asked(postgres: Postgres, query: str) -> list[int]:
    """Return the numbers that the server answers."""
    with psycopg2.connect(postgres.url) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        found = [row[0] for row in cursor.fetchall()]
    connection.close()
    return found


def pids(postgres: Postgres) -> list[int]:
    """Return the server's processes for the load's connections."""
    return asked(postgres, OPEN)


def rows_sent(caplog: pytest.LogCaptureFixture) -> str:
    return next(line for line in reversed(caplog.messages) if line.startswith("submissions: done"))


def test_databases_stay_open_and_send_what_changed(
    survey: Survey, loader: Loader, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    loader.load()
    late = survey.begin("alb", 2)
    survey.insert("alb", 3)
    assert loader.load().rows["responses"] == 3
    survey.commit(late)
    survey.execute("alb", "update responses set escs = '9.9999' where id = 40")
    survey.insert("fra", 1)
    assert loader.load().rows["responses"] == 2 + 1 + 1
    assert "done, 4 rows" in rows_sent(caplog)
    assert loader.query(HELD) == source_rows(survey, "alb", "id, escs")
    assert (loader.load().rows, loader.load().load_ids) == ({}, [])
    assert "done, 0 rows" in rows_sent(caplog)
    before = pids(postgres)
    assert len(before) == 2
    survey.insert("alb", 1)
    assert loader.load().rows["responses"] == 1
    assert pids(postgres) == before


def test_the_end_of_a_session_closes_the_databases(
    survey: Survey, loader: Loader, postgres: Postgres, session: LoadSession
) -> None:
    with session:
        loader.load()
        assert len(pids(postgres)) == 2
    assert pids(postgres) == []


def test_a_database_whose_connection_broke_is_opened_again(
    survey: Survey, loader: Loader, postgres: Postgres
) -> None:
    loader.load()
    before = pids(postgres)
    asked(postgres, OPEN.replace("select pid", "select cast(pg_terminate_backend(pid) as int)"))
    survey.insert("alb", 3)
    report = loader.load()
    assert (report.failures, report.rows["responses"]) == ({}, 3)
    assert not {*before} & {*pids(postgres)}


def test_another_table_in_its_place_is_read_from_the_beginning(
    survey: Survey, loader: Loader
) -> None:
    loader.load()
    survey.execute("alb", "create table other as select * from responses")
    survey.execute("alb", "update other set escs = '9.9999' where id = 40")
    # What is read next is newer than every row of the other table.
    survey.insert("alb", 1)
    loader.load()
    survey.execute("alb", "insert into other select * from responses where id = 41")
    survey.insert("alb", 1)
    loader.load()
    survey.execute("alb", "drop table responses")
    survey.execute("alb", "alter table other rename to responses")
    assert loader.load().rows["responses"] == 1
    assert (40, "9.9999") in loader.query(HELD)


def test_an_older_raw_database_gets_the_columns_it_lacks(survey: Survey, loader: Loader) -> None:
    loader.load()
    raw = loader.folder / "raw.duckdb"
    shutil.copy(raw, loader.folder / "before.duckdb")
    survey.insert("alb", 3)
    survey.execute("alb", "update responses set escs = '9.9999' where id = 40")
    assert loader.load().rows["responses"] == 4
    shutil.move(loader.folder / "before.duckdb", raw)
    assert loader.load().rows["responses"] == 4
    assert loader.query(HELD) == source_rows(survey, "alb", "id, escs")


def test_waiting_for_a_silent_server_delays_only_one_load(
    survey: Survey, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/pisa_alb"
        configure(monkeypatch, survey, alb=url)
        settings(monkeypatch, TIMEOUT=SECONDS)
        first = loader.load()
        assert [*first.failures] == ["ALB"]
        survey.insert("fra", 3)
        # Long enough that the silent server is tried again, beside these loads.
        until = time.monotonic() + 2 * SECONDS
        while time.monotonic() < until:
            report = loader.load()
            assert report.failures == first.failures
            assert report.seconds < SECONDS
    assert loader.numbers() == {"FRA": ROWS + 3}


def test_a_database_that_is_reachable_again_is_loaded(survey: Survey, loader: Loader) -> None:
    survey.execute("alb", "alter table responses rename to away")
    assert [*loader.load().failures] == ["ALB"]
    survey.execute("alb", "alter table away rename to responses")
    deadline = time.monotonic() + 30
    while loader.load().failures:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert loader.numbers() == {"ALB": ROWS, "FRA": ROWS}
