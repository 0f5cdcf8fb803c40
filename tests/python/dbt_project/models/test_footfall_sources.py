"""Sources that were never loaded, and the columns that their YAML declares."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml  # type: ignore[import-untyped]

from dbt_project.paths import ROOT, Paths
from ingestion.core.raw.store import RawStore
from ingestion.core.source import ORIGINS, RawTable
from ingestion.sources.chicago_crime.datasets import RAW_TABLES as CRIME_TABLES
from ingestion.sources.pisa.tables import RAW_TABLES as SURVEY_TABLES
from ingestion.sources.store_sensors.tables import RAW_TABLES as SENSOR_TABLES
from tests.support.projects.never_loaded import NeverLoaded

SOURCES = {
    "chicago_crime": CRIME_TABLES,
    "store_sensors": SENSOR_TABLES,
    "pisa": SURVEY_TABLES,
}


def declared(source: str) -> dict[str, tuple[str, ...]]:
    file = ROOT / f"models/staging/{source}/_{source}__sources.yml"
    tables: list[dict[str, Any]] = yaml.safe_load(file.read_text())["sources"][0]["tables"]
    return {table["name"]: tuple(column["name"] for column in table["columns"]) for table in tables}


@pytest.mark.parametrize("source", SOURCES)
def test_the_columns_declared_are_those_that_are_loaded(source: str) -> None:
    assert declared(source) == {
        name: (*table.columns, "_dlt_load_id")
        for name, table in (SOURCES[source] | {"origins": ORIGINS}).items()
    }


def test_a_build_needs_no_source(never_loaded: NeverLoaded) -> None:
    with duckdb.connect(never_loaded.paths.work_marts, read_only=True) as marts:
        assert marts.execute(
            "select (select count(*) from crime.fct_crimes),"
            " (select count(*) from footfall.sensor_traffic_hourly),"
            " (select count(*) from footfall.dim_store),"
            " (select submissions from education.submissions_total)"
        ).fetchall() == [(0, 0, 5, 0)]
    assert set(never_loaded.results("test").values()) == {"pass"}


@pytest.fixture
def before_a_load(never_loaded: NeverLoaded, tmp_path: Path) -> Paths:
    """A copy of the raw tables that a build made, of one test's own."""
    paths = Paths(data=tmp_path / "data")
    paths.work.mkdir(parents=True)
    shutil.copyfile(never_loaded.paths.raw, paths.raw)
    return paths


@pytest.mark.parametrize("source", SOURCES)
def test_a_load_fills_the_tables_that_a_build_made(source: str, before_a_load: Paths) -> None:
    tables = SOURCES[source]
    rows = {name: [row_of(table)] for name, table in tables.items()}
    with RawStore(before_a_load.data, source, tables) as store:
        first = store.commit(rows, {"known": {"n": 1}})
    with RawStore(before_a_load.data, source, tables) as store:
        assert store.state("known") == {"n": 1}
        second = store.commit(rows, {})
    with duckdb.connect(before_a_load.raw, read_only=True) as raw:
        for name, table in tables.items():
            found_rows = raw.execute(f"from raw_{source}.{name}").fetchall()
            # Merged by its key, not doubled.
            assert found_rows == [(*table.columns, second)], name
    assert first != second


def row_of(table: RawTable) -> pa.Table:
    return pa.table({column: [column] for column in table.columns})
