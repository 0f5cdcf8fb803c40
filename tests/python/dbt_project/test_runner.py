"""dbt as a user calls it, without our command line around it."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dbt_project.paths import ROOT, Paths
from tests.python.dbt_project.crime_year import OTHER_TABLES, VERSION
from tests.python.dbt_project.shop import Warehouse


def dbt(*arguments: str, data: Path, project: Path = ROOT) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), *arguments],
        cwd=project,
        env=os.environ
        | {
            "WAREHOUSE_DATA_DIR": str(data),
            "DBT_TARGET_PATH": str(data / "target"),
            "DBT_LOG_PATH": str(data / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_bare_dbt_goes_on_from_what_was_published(warehouse: Warehouse, built: Paths) -> None:
    warehouse("publish", data=built.data, project=built.project)
    dbt("test", data=built.data, project=built.project)
    with duckdb.connect(built.published / "marts.duckdb", read_only=True) as published:
        assert published.execute("select orders from shop.totals").fetchone() == (2,)


@pytest.fixture
def empty_raw(tmp_path: Path) -> Path:
    """A data folder whose raw tables are there and hold nothing."""
    data = tmp_path / "data"
    (data / "work").mkdir(parents=True)
    names = (
        *("id", "case_number", "date", "block", "iucr", "primary_type", "description"),
        *("location_description", "arrest", "domestic", "beat", "district", "ward"),
        *("community_area", "fbi_code", "x_coordinate", "y_coordinate", "year", "updated_on"),
        *("latitude", "longitude", "location"),
    )
    with duckdb.connect(data / "raw.duckdb") as raw:
        raw.execute("create schema raw_chicago_crime")
        for table, columns in {**OTHER_TABLES, "crimes": (*VERSION, *names)}.items():
            texts = ", ".join(f"{column} varchar" for column in (*columns, "_dlt_load_id"))
            raw.execute(f"create table raw_chicago_crime.{table} ({texts})")
        raw.execute(
            "create table raw_chicago_crime._dlt_loads (load_id varchar, schema_name varchar,"
            " status bigint, inserted_at timestamptz, schema_version_hash varchar)"
        )
    return data


def test_the_unit_tests_of_the_models_pass(empty_raw: Path) -> None:
    no_tests = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    dbt("build", "--empty", *no_tests, data=empty_raw)
    said = dbt("test", "--select", "test_type:unit", data=empty_raw)
    assert "ERROR=0" in said
    assert "SKIP=0" in said
