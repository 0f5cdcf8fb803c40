"""Runs that take nothing say so, in every source; the summary names what was rejected."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_project.runs.rejections import MIN_ROWS, NewRows
from tests.support.sources.hostile import hostile_server
from tests.support.sources.small_portal import SmallPortal, crime
from tests.support.warehouse import Warehouse, query

HEADER = "date,hour,shop,sensor_id,count,units\n"


def load_lines(warehouse: Warehouse, folder: Path, name: str, *lines: str) -> None:
    file = folder / name
    file.write_text(HEADER + "".join(f"2024-07-07,{line}\n" for line in lines))
    warehouse("load", "store-sensors", "--file", str(file))


@pytest.fixture(scope="module")
def portal(warehouse: Warehouse) -> Iterator[SmallPortal]:
    portal = SmallPortal()
    with hostile_server(portal.answer) as url:
        warehouse.env["SOURCES__CHICAGO_CRIME__BASE_URL"] = url
        yield portal


def test_a_file_of_which_nothing_is_taken_is_a_failure(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    lines = ("8,Paris,2,3,exits", "9,Paris,2,4,exits", "x,Paris,2,4,visits")
    load_lines(warehouse, tmp_path, "exits.csv", *lines)
    line = warehouse.fails("build")
    assert "store-sensors: all 3 new rows are rejected, most often `units: not visits` (2)" in line
    assert "see footfall.rejected_readings" in line
    # What was rejected can be looked at, once it is published.
    warehouse("publish")
    assert query(warehouse.build, "select count(*) from footfall.rejected_readings") == [(3,)]
    assert "rejected   0 of 0 new rows" in warehouse("build", "store-sensors")


def test_the_summary_names_what_is_rejected(warehouse: Warehouse, tmp_path: Path) -> None:
    load_lines(warehouse, tmp_path, "good.csv", "8,Paris,2,3,visits", "9,Paris,2,4,visits")
    assert "rejected   store-sensors: 0 of 2 new rows\n" in warehouse("build", "store-sensors")
    warehouse("publish")
    load_lines(warehouse, tmp_path, "some.csv", "10,Paris,2,3,visits", "11,Paris,2,4,exits")
    said = "store-sensors: 1 of 2 new rows, most often `units: not visits` (1)"
    assert f"rejected   {said}; see footfall.rejected_readings\n" in warehouse("build")
    warehouse("publish")


def test_crimes_of_no_day_are_a_failure_and_a_single_one_is_not(
    warehouse: Warehouse, portal: SmallPortal
) -> None:
    portal.add(*(crime(n, date=None) for n in range(3)))
    line = warehouse.fails("run", "chicago-crime")
    assert "chicago-crime: all 3 new rows are rejected, most often `date: missing` (3)" in line
    assert query(warehouse.build, "select count(*) from crime.rejected_crimes") == [(3,)]
    portal.add(crime(10), crime(11))
    assert "rejected   chicago-crime: 0 of 2 new rows\n" in warehouse("run", "chicago-crime")
    portal.add(crime(12, date=None))
    output = warehouse("run", "chicago-crime")
    assert "rejected   chicago-crime: 1 of 1 new rows, most often `date: missing` (1)" in output
    assert query(warehouse.build, "select count(*) from crime.rejected_crimes") == [(4,)]
    portal.add(*(crime(20 + n, date=None) for n in range(MIN_ROWS)))
    assert f"all {MIN_ROWS} new rows are rejected" in warehouse.fails("run", "chicago-crime")
    assert "rejected   0 of 0 new rows" in warehouse("run", "chicago-crime")


def test_students_of_no_country_are_a_failure(warehouse: Warehouse, tmp_path: Path) -> None:
    file = tmp_path / "alb.sqlite"
    with sqlite3.connect(file) as database:
        database.execute(
            "create table responses (id, created_at, cnt, durecec, belong, escs, tmins, w_fstuwt)"
        )
        rows = [
            (n, "2026-06-17T10:00:00.000000Z", "XYZ", "3", "0.5", "0.1", "900", "1.5")
            for n in range(4)
        ]
        database.executemany(f"insert into responses values ({', '.join('?' * 8)})", rows)
    database.close()
    urls = {"SOURCES__PISA__DATABASES": json.dumps({"ALB": f"sqlite:///{file}"})}
    command = warehouse.start("run", "pisa", **urls)
    line = command.failure()
    assert "pisa: all 4 new rows are rejected, most often `cnt: not " in line
    assert query(warehouse.build, "select count(*) from education.rejected_submissions") == [(4,)]


@pytest.mark.parametrize(
    ("new", "is_failure"),
    [
        (NewRows("shop", 0, 0, is_any_taken=False), False),
        (NewRows("shop", MIN_ROWS, MIN_ROWS - 1), False),
        (NewRows("shop", MIN_ROWS, MIN_ROWS), True),
        (NewRows("shop", MIN_ROWS - 1, MIN_ROWS - 1), False),
        (NewRows("shop", 1, 1, is_from_file=True), True),
        (NewRows("shop", 1, 1, is_any_taken=False), True),
    ],
)
def test_few_rejected_rows_of_an_increment_are_not_a_failure(
    new: NewRows, is_failure: bool
) -> None:
    assert (new.failure is not None) == is_failure
