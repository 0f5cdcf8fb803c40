"""A first load that brings no row is a failure that says where to look; nothing new is none."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.simulators.serving import serving
from tests.support.sources.hostile import hostile_server
from tests.support.sources.small_portal import SmallPortal, crime
from tests.support.warehouse import Warehouse

EMPTY = "the source answered, but no row of it was ever loaded: see whether"
RESPONSES = "(id, created_at, cnt, durecec, belong, escs, tmins, w_fstuwt)"
STUDENT = (1, "2026-06-17T10:00:00.000000Z", "ALB", "3", "0.5", "0.1", "900", "1.5")


@pytest.fixture
def new(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "data")


def test_a_portal_without_crimes(new: Warehouse) -> None:
    portal = SmallPortal()
    with hostile_server(portal.answer) as url:
        new.use(url)
        assert_told(new, "chicago-crime", "SOURCES__CHICAGO_CRIME__BASE_URL, --since, --until are")
        portal.add(crime(1))
        assert_nothing_new_is_right(new, "chicago-crime")


def test_days_before_any_crime_are_named(new: Warehouse) -> None:
    with serving("chicago-crime", rows=20, seed=5) as url:
        new.use(url)
        line = new.fails("load", "chicago-crime", "--since", "1990-01-01", "--until", "1990-02-01")
        assert f"{EMPTY} SOURCES__CHICAGO_CRIME__BASE_URL, --since, --until are right" in line


def test_stores_without_a_finished_hour(new: Warehouse) -> None:
    with serving("store-sensors") as url:
        new.use(url, "store-sensors")
        options = ("--since", "1990-01-01", "--until", "1990-01-02")
        line = new.fails("load", "store-sensors", *options)
        assert f"{EMPTY} SOURCES__STORE_SENSORS__BASE_URL, --since, --until are right" in line
        new("load", "store-sensors", "--since", "2025-03-28", "--until", "2025-03-29")
        assert "nothing new" in new("load", "store-sensors", "--until", "2025-03-29")


def test_databases_without_a_submission(new: Warehouse, tmp_path: Path) -> None:
    insert = survey(tmp_path / "alb.sqlite")
    new.env["SOURCES__PISA__DATABASES"] = json.dumps({"ALB": f"sqlite:///{tmp_path}/alb.sqlite"})
    assert_told(new, "pisa", "SOURCES__PISA__DATABASES, --since are right")
    insert()
    assert_nothing_new_is_right(new, "pisa")


def survey(file: Path) -> Callable[[], None]:
    """Make a country's database, empty; returns what inserts a student."""

    def execute(sql: str, values: tuple[object, ...] = ()) -> None:
        with sqlite3.connect(file) as database:
            database.execute(sql, values)
        database.close()

    execute(f"create table responses {RESPONSES}")
    return lambda: execute(f"insert into responses values ({', '.join('?' * 8)})", STUDENT)


def assert_told(new: Warehouse, source: str, where: str) -> None:
    for _ in range(2):
        assert f"{source}: {EMPTY} {where}" in new.fails("run", source)
    assert not (new.data / "published").exists()


def assert_nothing_new_is_right(new: Warehouse, source: str) -> None:
    new("load", source)
    assert f"{source}: nothing new" in new("load", source)
