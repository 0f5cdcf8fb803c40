"""Hostile databases: their rows are in raw, or one line says why the country failed."""

import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from ingestion.core.errors import LoadError
from ingestion.sources.pisa.databases import database
from ingestion.sources.pisa.databases.database import Summary
from ingestion.sources.pisa.databases.database_ref import DatabaseRef
from ingestion.sources.pisa.databases.open_databases import OpenDatabases
from ingestion.sources.pisa.databases.reading import read_missing, read_new
from tests.python.conftest import Tried
from tests.support.postgres import Postgres
from tests.support.sources.hostile import (
    CELLS,
    HTML,
    csv_of,
    ends_in_one_line,
    numbered_lines,
    one_in,
    rows_in,
)
from tests.support.sources.pisa import Loader, configure

READ = ("id", "created_at", "cnt", "durecec", "belong", "escs", "tmins", "w_fstuwt")
ROW = (1, "2026-06-17T10:00:00.000000Z", "ALB", "3", "0.25", "-0.5", "1500", "1.5")
ALL = f"select {', '.join(READ)} from raw_pisa.responses where database_country = 'ALB'"
MAX = 2**63 - 1
VALUES = CELLS | st.integers(-MAX - 1, MAX) | st.floats() | st.binary(max_size=4) | st.none()
IDS = st.integers(-MAX - 1, MAX) | st.sampled_from([0, -1, MAX, -MAX - 1])
TIMES = VALUES | st.sampled_from(["2026-06-17 10:00:00", "2026-06-17T10:00:00+02:00", "9999-12-31"])


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    configure(monkeypatch, None, alb=f"sqlite:///{tmp_path}/alb.sqlite")
    # Small pages, so that few rows have borders between them.
    monkeypatch.setattr(database, "PAGE_ROWS", 3)
    return Loader(tmp_path / "data")


def in_raw(loader: Loader) -> list[tuple[Any, ...]]:
    return sorted(rows_in(loader.folder / "raw.duckdb", ALL), key=repr)


def write(loader: Loader, rows: list[tuple[Any, ...]], columns: str = ", ".join(READ)) -> None:
    """Make the database anew, of columns without a type, which take anything."""
    file = loader.folder.parent / "alb.sqlite"
    file.unlink(missing_ok=True)
    with sqlite3.connect(file) as database:
        database.execute(f"create table responses ({columns})")
        marks = ", ".join("?" * len(READ))
        if rows:
            database.executemany(f"insert into responses values ({marks})", rows)
    database.close()


def read(url: str) -> list[tuple[Any, ...]]:
    """What the pages of a database hold, in the way of a load: what is new, and each bucket."""
    place = DatabaseRef("ALB", make_url(url), 5)
    databases = OpenDatabases()
    there, *pages = read_new(databases, place, None)
    assert isinstance(there, Summary)
    new = [page for page in pages if not isinstance(page, Summary)]
    rows = [tuple(row[name] for name in READ) for page in new for row in page.to_pylist()]
    missing = read_missing(OpenDatabases(), place, there, {})
    again = [page for page in missing if not isinstance(page, Summary)]
    assert sum(page.num_rows for page in again) == there.rows
    by_id = [tuple(row[name] for name in READ) for page in again for row in page.to_pylist()]
    # What has no time comes by its id at the latest.
    assert {*rows} <= {*by_id}
    return by_id


def as_text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    # The driver knows no number that is none.
    is_none = value is None or (isinstance(value, float) and math.isnan(value))
    return None if is_none else str(value)


@given(
    rows=st.lists(
        st.tuples(IDS, TIMES, VALUES, VALUES, VALUES, VALUES, VALUES, VALUES),
        max_size=8,
        unique_by=lambda row: row[0],
    )
)
def test_every_value_of_a_database_is_text_in_raw(
    rows: list[tuple[Any, ...]], loader: Loader, tried: Tried
) -> None:
    tried.one()
    write(loader, rows)
    found = read(f"sqlite:///{loader.folder.parent}/alb.sqlite")
    # Times are put into one form where they are times; nothing else is changed.
    sent = [(str(row[0]), *map(as_text, row[2:])) for row in rows]
    assert sorted(((row[0], *row[2:]) for row in found), key=repr) == sorted(sent, key=repr)
    times = {str(row[0]): as_text(row[1]) for row in rows}
    assert all((row[1] is None) == (times[row[0]] is None) for row in found)


@one_in(13)
@given(
    ids=st.lists(VALUES | st.sampled_from([1, 2, 2**63, "7"]), min_size=1, max_size=5),
)
def test_null_and_repeated_ids_are_reported_and_never_lost_silently(
    ids: list[Any], loader: Loader, tried: Tried
) -> None:
    tried.one()
    loader.start_anew(tried.inputs)
    rows = [(n, ROW[1], "ALB", str(place), *ROW[4:]) for place, n in enumerate(ids)]
    try:
        write(loader, rows)
    except OverflowError:
        return
    try:
        report = loader.load()
    except LoadError as error:
        ends_in_one_line(error)
        assert "ALB: " in str(error)
    else:
        assert report.failures == {}
        assert len(in_raw(loader)) == len(rows) == len(set(ids))


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        (", ".join(READ[:-1]), "its table responses has no column w_fstuwt"),
        (", ".join((READ[0], *READ[2:])), "its table responses has no column created_at"),
        ("id, created_at", "has no columns cnt, durecec, belong, escs, tmins, w_fstuwt"),
        (", ".join(READ).replace("escs", "escs_new"), "has no column escs"),
    ],
)
def test_a_column_that_is_missing_is_named(
    columns: str, why: str, loader: Loader, tried: Tried
) -> None:
    tried.one()
    write(loader, [], columns)
    with pytest.raises(LoadError, match=why) as error:
        loader.load()
    ends_in_one_line(error.value)


@pytest.mark.parametrize("content", [b"", HTML, b"SQLite format 3\x00" + b"\xff" * 4_000])
def test_a_file_that_is_not_a_database_gives_one_line(
    content: bytes, loader: Loader, tried: Tried
) -> None:
    tried.one()
    (loader.folder.parent / "alb.sqlite").write_bytes(content)
    with pytest.raises(LoadError, match="no database of pisa could be read; ALB: ") as error:
        loader.load()
    ends_in_one_line(error.value)


def test_text_that_is_not_utf8_delays_the_country(loader: Loader, tried: Tried) -> None:
    tried.one()
    write(loader, [ROW])
    with sqlite3.connect(loader.folder.parent / "alb.sqlite") as database:
        database.execute("update responses set escs = cast(x'ff41' as text)")
    database.close()
    with pytest.raises(LoadError, match=r"ALB: .*UTF-8") as error:
        loader.load()
    ends_in_one_line(error.value)
    assert in_raw(loader) == []


@pytest.fixture(scope="module")
def albania(postgres: Postgres) -> Iterator[Any]:
    """A database on a real server, and a connection to it."""
    server = psycopg2.connect(postgres.url)
    server.autocommit = True
    server.cursor().execute("drop database if exists hostile with (force)")
    server.cursor().execute("create database hostile")
    server.close()
    connection = psycopg2.connect(postgres.url.replace("/postgres", "/hostile"))
    connection.autocommit = True
    yield connection.cursor(), postgres.url.replace("/postgres", "/hostile")
    connection.close()


def table(types: str = "id bigint, created_at timestamptz") -> str:
    answers = ", ".join(f"{name} text" for name in READ[2:])
    return f"drop table if exists responses; create table responses ({types}, {answers})"


PG_CELLS = CELLS.filter(lambda text: "\x00" not in text)


@given(rows=st.lists(st.tuples(*[PG_CELLS | st.none()] * 6), max_size=8))
def test_every_text_of_a_server_is_text_in_raw(
    rows: list[tuple[Any, ...]], albania: Any, tried: Tried
) -> None:
    tried.one()
    cursor, url = albania
    cursor.execute(table())
    sent = [(n - 4, "2026-06-17T10:00:00Z", *row) for n, row in enumerate(rows)]
    cursor.executemany(f"insert into responses values ({', '.join(['%s'] * 8)})", sent)
    assert sorted(read(url), key=repr) == sorted(
        ((str(row[0]), "2026-06-17T10:00:00.000000Z", *row[2:]) for row in sent), key=repr
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ('alter table responses add column "ESCS" text', "has column escs twice, in another case"),
        ("insert into responses values (null, now())", "its column id has no value in some rows"),
        ("alter table responses alter id type numeric", "column id is of another type than bigint"),
        ("alter table responses alter created_at type text", "created_at is of another type"),
        ("drop table responses", 'relation "responses" does not exist'),
    ],
)
def test_a_servers_table_with_another_schema_gives_one_line(  # noqa: PLR0917
    changes: str,
    why: str,
    albania: Any,
    loader: Loader,
    tried: Tried,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried.one()
    cursor, url = albania
    configure(monkeypatch, None, alb=url)
    cursor.execute(table())
    cursor.execute(changes)
    with pytest.raises(LoadError, match=why) as error:
        loader.load()
    ends_in_one_line(error.value)


def test_odd_types_and_ten_megabytes_arrive_intact(
    albania: Any, loader: Loader, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried.one()
    cursor, url = albania
    configure(monkeypatch, None, alb=url)
    cursor.execute(table("id integer, created_at timestamp"))
    cursor.execute("alter table responses alter tmins type numeric using null")
    long = 'é,\n"' * 2_000_000
    cursor.execute(
        f"insert into responses values ({', '.join(['%s'] * 8)}), ({', '.join(['%s'] * 8)})",
        (
            *(7, "2026-06-17 10:00:00", "ALB", long, "1", "2", "1" + "0" * 30, "3"),
            *(8, "infinity", "ALB", "", None, "NaN", "NaN", "3"),
        ),
    )
    assert loader.load().failures == {}
    assert in_raw(loader) == [
        ("7", "2026-06-17T10:00:00.000000Z", "ALB", long, "1", "2", "1" + "0" * 30, "3"),
        ("8", "infinity", "ALB", "", None, "NaN", "NaN", "3"),
    ]


STUDENTS = b"CNT,CNTSTUID,DURECEC,BELONG,ESCS,TMINS\nALB,1,2,0.5,0.1,900\nALB,2,3,NA,,NaN\n"
FILES = st.one_of(
    st.integers(0, len(STUDENTS)).map(lambda n: STUDENTS[:n]),
    st.integers(0, len(STUDENTS)).map(lambda n: STUDENTS[:n] + b"\xff" + STUDENTS[n:]),
    st.tuples(*[CELLS] * 6).map(lambda cells: STUDENTS + csv_of(cells, ())),
    st.sampled_from([b"", b"\n", HTML, b"\xef\xbb\xbf" + STUDENTS]),
    st.just(STUDENTS.replace(b"ESCS", b"cnt")),
)


@one_in(10)
@given(body=FILES, kind=st.sampled_from([".csv", ".csv", ".csv", ".sav", ".sas7bdat"]))
def test_a_file_of_students_is_loaded_completely_or_gives_one_line(
    body: bytes, kind: str, loader: Loader, tried: Tried
) -> None:
    tried.one()
    loader.start_anew(tried.inputs)
    loader.folder.mkdir()
    file = loader.folder / f"students{kind}"
    file.write_bytes(body)
    lines = (
        "select line_number, line_problem, cnt, cntstuid, durecec, belong, escs, tmins"
        " from raw_pisa.file_students"
    )
    try:
        loader.load(file=file)
    except LoadError as error:
        ends_in_one_line(error)
        assert rows_in(loader.folder / "raw.duckdb", "from duckdb_tables()") == []
        return
    sent = numbered_lines(body)
    rows = rows_in(loader.folder / "raw.duckdb", lines)
    assert sorted(number for number, *_ in rows) == sorted(sent)
    for number, problem, *cells in rows:
        assert problem or cells == sent[number]
