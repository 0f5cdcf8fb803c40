"""Submissions from country databases: both kinds of server, increments, late rows and edits."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy.engine import make_url

from ingestion.simulators.pisa.servers import PostgresServer, Server, SqliteFolder
from ingestion.simulators.pisa.survey import Survey
from ingestion.sources.pisa import writer
from ingestion.sources.pisa.databases import database
from ingestion.sources.pisa.databases.database_ref import DatabaseRef
from ingestion.sources.pisa.databases.open_databases import OpenDatabases
from ingestion.sources.pisa.databases.reading import read_new
from tests.support.postgres import Postgres
from tests.support.sources.pisa import (
    COUNTRIES,
    NOW,
    ROWS,
    Clock,
    Loader,
    configure,
    settings,
    source_rows,
)

ANSWERS = "cnt, durecec, belong, escs, tmins, w_fstuwt"


@pytest.fixture
def server(either_server: Server) -> Server:
    return either_server


def test_every_row_arrives_as_it_is_and_a_second_load_adds_nothing(
    survey: Survey, loader: Loader
) -> None:
    report = loader.load()
    assert (report.rows, report.failures, report.notes) == (
        {"responses": 2 * ROWS, "database_checks": 2},
        {},
        [],
    )
    assert loader.checks() == {"ALB": "loaded", "FRA": "loaded"}
    for country in COUNTRIES:
        held = loader.query(
            f"select cast(id as bigint), {ANSWERS} from responses "
            f"where database_country = '{country.upper()}' order by 1"
        )
        assert held == source_rows(survey, country, f"id, {ANSWERS}")
    times = loader.query(
        "select max(created_at), min(length(created_at)), max(length(created_at)) from responses"
    )
    assert times == [("2026-06-17T10:30:00.000000Z", 27, 27)]
    again = loader.load()
    assert (again.rows, again.load_ids) == ({}, [])
    assert again.newest_at == "2026-06-17T10:30:00.000000Z"


def test_what_is_new_arrives_and_nothing_else(survey: Survey, loader: Loader) -> None:
    loader.load()
    loader.clock.forward(hours=1)
    survey.insert("alb", 3)
    assert loader.load().rows == {"responses": 3, "database_checks": 1}
    assert loader.numbers() == {"ALB": ROWS + 3, "FRA": ROWS}


def test_a_late_commit_within_the_look_back_arrives(survey: Survey, loader: Loader) -> None:
    loader.clock.forward(minutes=5)
    late = survey.begin("alb")
    loader.clock.forward(minutes=3)
    survey.insert("alb")
    loader.load()
    survey.commit(late)
    assert loader.load().rows == {"responses": 1, "database_checks": 1}
    assert loader.numbers() == {"ALB": ROWS + 2, "FRA": ROWS}


def test_a_commit_later_than_the_look_back_is_found_by_counting(
    survey: Survey, loader: Loader
) -> None:
    late = survey.begin("fra", 2)
    loader.clock.forward(days=2)
    survey.insert("fra")
    loader.load()
    survey.commit(late)
    survey.insert("fra")
    report = loader.load()
    assert (report.rows["responses"], report.notes) == (3, [])
    assert loader.numbers() == {"ALB": ROWS, "FRA": ROWS + 4}
    assert loader.load().rows == {}


def test_an_edit_within_the_look_back_arrives(survey: Survey, loader: Loader) -> None:
    loader.load()
    survey.edit("alb", ROWS, belong="1.2345", escs=None)
    assert loader.load().rows == {"responses": 1}
    assert loader.query(
        f"select belong, escs from responses where database_country = 'ALB' and id = '{ROWS}'"
    ) == [("1.2345", None)]
    assert loader.numbers() == {"ALB": ROWS, "FRA": ROWS}


def test_an_older_edit_arrives_with_since(survey: Survey, loader: Loader) -> None:
    loader.load()
    survey.edit("alb", 1, tmins="1234")
    assert loader.load().rows == {}
    assert loader.load(since="2026-06-14").rows == {"responses": 1}


def test_one_id_in_two_countries_is_two_submissions(survey: Survey, loader: Loader) -> None:
    loader.load()
    survey.edit("alb", ROWS, belong="0.5")
    loader.load()
    assert loader.query(
        f"select database_country from responses where id = '{ROWS}' order by 1"
    ) == [("ALB",), ("FRA",)]
    assert loader.numbers() == {"ALB": ROWS, "FRA": ROWS}


def test_a_country_added_later_is_loaded_with_its_history(
    survey: Survey, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader.load()
    survey.add_country("ita", 5)
    configure(monkeypatch, survey)
    assert loader.load().rows == {"responses": 5, "database_checks": 1}
    assert loader.numbers() == {"ALB": ROWS, "FRA": ROWS, "ITA": 5}


def test_rows_deleted_at_the_source_stay_and_are_reported(survey: Survey, loader: Loader) -> None:
    loader.load()
    survey.execute("alb", "delete from responses where id in (3, 5)")
    late = survey.begin("alb")
    loader.clock.forward(days=1)
    survey.insert("alb")
    survey.commit(late)
    report = loader.load()
    (note,) = report.notes
    assert note.startswith("ALB: 2 rows that were loaded were deleted at the source; ")
    assert loader.numbers() == {"ALB": ROWS + 2, "FRA": ROWS}
    assert loader.load().rows == {}


def test_a_time_in_the_future_and_an_odd_time_delay_nothing(survey: Survey, loader: Loader) -> None:
    survey.insert("alb", created_at=NOW + timedelta(days=400))
    is_postgres = isinstance(survey.server, PostgresServer)
    odd = "infinity" if is_postgres else "yesterday"
    survey.execute("alb", f"update responses set created_at = '{odd}' where id = 2")
    loader.load()
    loader.clock.forward(hours=2)
    survey.insert("alb", 2)
    assert loader.load().rows["responses"] == 2
    assert loader.load().rows == {}
    assert loader.query(
        "select created_at from responses where database_country = 'ALB' and id = '2'"
    ) == [(odd,)]


def test_cells_arrive_as_received(survey: Survey, loader: Loader) -> None:
    odd: dict[str, Any] = {
        "durecec": "",
        "belong": None,
        "escs": 'a,"b"\nc\\',
        "tmins": " 99 ",
        "cnt": "é;NA",
    }
    (id_,) = survey.insert("alb", **odd)
    loader.load()
    assert loader.query(
        "select durecec, belong, escs, tmins, cnt from responses "
        f"where id = '{id_}' and database_country = 'ALB'"
    ) == [tuple(odd.values())]


@pytest.mark.parametrize("page_rows", [1, 7, 40])
def test_pages_of_any_size_give_the_same_rows(
    page_rows: int, survey: Survey, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PAGE_ROWS", page_rows)
    monkeypatch.setattr(writer, "ROWS_PER_PACKAGE", 30)
    # Many at one moment, as when a school sends its students at once.
    survey.insert("alb", 20)
    late = survey.begin("alb", 3)
    loader.clock.forward(days=1)
    survey.insert("alb", 20)
    report = loader.load()
    assert report.rows["responses"] == 2 * ROWS + 40
    survey.commit(late)
    assert loader.load().rows["responses"] == 3
    assert loader.load().rows == {}


def test_pages_are_ordered_by_instant_and_not_by_its_text(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PAGE_ROWS", 2)
    survey = Survey(PostgresServer(postgres.url), clock=Clock())
    survey.add_country("nor", 3)
    survey.execute("nor", "update responses set created_at = '10000-01-01Z' where id = 1")
    place = DatabaseRef("NOR", make_url(survey.databases()["nor"]), 10)
    pages = [page for page in read_new(OpenDatabases(), place, None) if isinstance(page, pa.Table)]
    assert [page["id"].to_pylist() for page in pages] == [["2", "3"], ["1"]]
    survey.drop_country("nor")


def test_an_id_that_a_database_has_twice_is_stored_once(survey: Survey, loader: Loader) -> None:
    survey.execute("fra", "create table twice as select * from responses")
    survey.execute("fra", "drop table responses")
    survey.execute("fra", "alter table twice rename to responses")
    survey.execute("fra", "insert into responses select * from responses where id = 3")
    loader.load()
    assert loader.numbers() == {"ALB": ROWS, "FRA": ROWS}
    assert loader.load().rows == {}


def test_one_worker_loads_all(
    survey: Survey, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(monkeypatch, WORKERS=1, LOOK_BACK_MINUTES=0)
    loader.load()
    assert loader.numbers() == {"ALB": ROWS, "FRA": ROWS}
    assert loader.load().rows == {}


def test_the_same_seed_makes_the_same_rows(tmp_path: Path) -> None:
    rows = []
    for folder in ("a", "b"):
        survey = Survey(SqliteFolder(tmp_path / folder), seed=3, clock=Clock())
        survey.add_country("alb", 30)
        survey.insert("alb", 2)
        rows.append(source_rows(survey, "alb", "*"))
        survey.close()
    assert rows[0] == rows[1]
    assert len(rows[0]) == 32
    # And the one that says that they are made up.
    assert len(rows[0][0]) == 1_100 + 1
