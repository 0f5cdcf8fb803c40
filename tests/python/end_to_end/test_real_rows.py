"""Real rows of the portal, from its forms of file to the published marts."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_project.build.build import build as build_marts
from dbt_project.paths import ROOT, Paths
from ingestion.core.progress import Silent
from ingestion.simulators.serving import serving
from tests.support.warehouse import Warehouse, hashes, query, sum_rule

EXPORTS_AND_API = (
    pytest.param("ijzp_csv_export_10000_2024H1.csv", marks=pytest.mark.long),
    "ijzp_csv_export_15448_2025-02_full_month.csv",
    pytest.param("ijzp_api_pandas_10000_2025-10_2025-11.csv", marks=pytest.mark.long),
    "ijzp_api_raw_2019-10.body_only.json",
)
# The facts, and the account of every row.
RULES = "+crime_load_reconciliation"
YEAR = ("--since", "2012-01-01", "--until", "2013-01-01")


@contextmanager
def simulate(warehouse: Warehouse, file: Path) -> Iterator[None]:
    """Serve a file by the command that a user types, and take the address that it prints."""
    command = [sys.executable, "-m", "dbt_project", "simulate", "chicago-crime", "--port", "0"]
    with subprocess.Popen(
        [*command, "--data", str(file)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            export = next(line for line in process.stdout if line.startswith("export "))
            warehouse.use(export.strip().partition("=")[2])
            yield
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def crime_files(sample_data: Path) -> Path:
    return sample_data / "crime"


@pytest.fixture(scope="module")
def year(warehouse: Warehouse, crime_files: Path) -> Iterator[Path]:
    """The build of 2012."""
    with simulate(warehouse, crime_files / "crimes_2012_full_year.csv.gz"):
        warehouse("run", "chicago-crime", *YEAR)
        yield warehouse.build


@pytest.fixture(scope="module")
def with_last_year(warehouse: Warehouse, year: Path, crime_files: Path) -> Path:
    """The next build, of 2012 and of two weeks of the other data set."""
    assert year == warehouse.build
    file = crime_files / "x2n5_api_2023-11-06_2023-11-19.raw_columns.parquet"
    with serving("chicago-crime", data=file) as url:
        warehouse.use(url, DATASET="x2n5-8w5q")
        warehouse("run", "chicago-crime")
    return warehouse.build


def read(file: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask a sample file, without the project; its rows are `crimes`, headings as in the API."""
    with duckdb.connect() as connection:
        crimes = (
            connection.read_json(str(file))
            if file.suffix == ".json"
            else connection.read_csv(str(file), all_varchar=True)
        )
        names = [f'"{name}" as {name.lower().replace(" ", "_")}' for name in crimes.columns[:22]]
        crimes.select(", ".join(names)).create_view("crimes")
        return connection.execute(sql).fetchall()


def one(build: Path, sql: str) -> tuple[Any, ...]:
    (row,) = query(build, sql)
    return row


def test_all_of_2012_is_published(year: Path) -> None:
    totals = one(
        year,
        "select count(*), count(distinct crime_id), count(distinct case_number),"
        " count(*) filter (is_arrest), count(*) filter (is_domestic) from crime.fct_crimes",
    )
    assert totals == (335_921, 335_921, 335_895, 90_561, 48_548)
    assert sum_rule(year) == (335_921, 335_921, 0, 0, 0)
    assert one(year, "select count(*) from crime.crime_changes") == (0,)


def test_2012_is_where_it_happened(year: Path) -> None:
    districts = {
        district: numbers
        for district, *numbers in query(
            year,
            "select district_id, sum(crimes)::int, sum(arrests)::int from crime.crime_by_district"
            " group by all",
        )
    }
    assert districts["011"] == [22_064, 9_070]
    fact = "select count(*) from crime.fct_crimes where"
    assert one(year, f"{fact} district_id = '011'") == (22_064,)
    assert one(year, f"{fact} district_id = '031'") == (4,)
    places = query(
        year, "select coordinates_status, count(*) from crime.fct_crimes group by all order by all"
    )
    assert dict(places) == {"at_origin": 12, "missing": 494, "reported": 335_921 - 12 - 494}
    assert one(year, f"{fact} (latitude is null) <> (coordinates_status <> 'reported')") == (0,)


def test_2012_is_what_and_when_it_happened(year: Path) -> None:
    types = query(year, "select primary_type, count(*) from crime.fct_crimes group by all")
    assert dict(types).items() >= {"THEFT": 75_460, "BATTERY": 59_135}.items()
    days = dict(query(year, "select occurred_date, count(*) from crime.fct_crimes group by all"))
    assert len(days) == 366
    assert days[date(2012, 1, 1)] == 1_493
    assert days[date(2012, 7, 4)] == 1_045
    assert days[date(2012, 12, 25)] == 522


def test_the_last_year_lands_in_the_same_facts(
    year: Path, with_last_year: Path, crime_files: Path
) -> None:
    file = crime_files / "x2n5_api_2023-11-06_2023-11-19.raw_columns.parquet"
    before, after = hashes(year), hashes(with_last_year)
    assert before["crime.fct_crimes"] != after["crime.fct_crimes"]
    assert sum_rule(with_last_year) == (335_921 + 9_939, 335_921 + 9_939, 0, 0, 0)
    columns = "case_number, block, iucr, is_arrest, is_domestic, district_id, occurred_at_local"
    there = duckdb.execute(
        """
        select
            case_, upper(block), lpad(_iucr, 4, '0'), arrest = 'Y', domestic = 'Y',
            '0' || substr(lpad(beat, 4, '0'), 1, 2), cast(date_of_occurrence as timestamp)
        from read_parquet(?) order by all
        """,
        [str(file)],
    ).fetchall()
    fact = "from crime.fct_crimes where source_dataset = 'x2n5-8w5q'"
    assert query(with_last_year, f"select {columns} {fact} order by all") == there
    assert sum(row[3] for row in there) == 1_140
    assert one(with_last_year, f"select count(*) {fact} and crime_id >= 0") == (0,)
    assert one(with_last_year, f"select count(*) {fact} and district_origin <> 'beat'") == (0,)
    # A homicide's case number stands once for each victim.
    victims = f"select count(*), count(distinct crime_id) {fact} and case_number = 'JG499426'"
    assert one(with_last_year, victims) == (3, 3)


@pytest.mark.parametrize("name", EXPORTS_AND_API)
def test_exports_and_answers_of_the_api_become_facts(
    name: str, warehouse: Warehouse, crime_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = crime_files / name
    warehouse.empty()
    with serving("chicago-crime", data=file) as url:
        warehouse.use(url)
        warehouse("load", "chicago-crime")
    # Without the tests that ask other marts, too.
    monkeypatch.setenv("DBT_INDIRECT_SELECTION", "cautious")
    audit = build_marts(
        Paths(warehouse.data),
        full_refresh=False,
        select=[RULES],
        sources=None,
        progress=Silent(),
    )
    audit.require_passed()
    build = warehouse.data / "work"
    received, crimes, *others = sum_rule(build)
    ((rows,),) = read(file, "select count(*) from crimes")
    assert received == rows
    assert (crimes, *others) == (rows, 0, 0, 0)
    there = read(
        file,
        """
        select
            cast(id as bigint), case_number, lpad(iucr, 4, '0'), lpad(district, 3, '0'),
            coalesce(cast(cast(ward as double) as int), 0), lower(cast(arrest as varchar)) = 'true',
            lower(cast(domestic as varchar)) = 'true',
            coalesce(
                try_strptime(cast(date as varchar), '%m/%d/%Y %I:%M:%S %p'),
                try_cast(date as timestamp)
            ),
            cast(latitude as double)
        from crimes order by all
        """,
    )
    here = query(
        build,
        "select crime_id, case_number, iucr, district_id, ward_id, is_arrest, is_domestic,"
        " occurred_at_local, latitude from crime.fct_crimes order by all",
    )
    assert here == there
    assert any(row[3] == "003" for row in here)
