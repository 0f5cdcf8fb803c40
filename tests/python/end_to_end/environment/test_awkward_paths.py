"""A data folder may have any name that its file system takes: a path is data, never code."""

import json
from pathlib import Path

import duckdb
import pytest

from reports.site_builder.errors import SiteError
from reports.site_builder.site import report
from tests.support.warehouse import Warehouse, query

READINGS = "date,hour,shop,sensor_id,count,units\n" + "".join(
    f"2025-11-0{day},10,Paris,1,{day},visits\n" for day in range(1, 4)
)
# Quotes, templates, patterns, shells, URLs, partitions, spaces and letters.
ALL = """it's "100% %s" {x} {{ y }} ${HOME} a=b #1 [z] * ü;|&\\ """
NAMES = (
    *("o'brien", "100%", "%s", "a?b", "a*b", "a[b]c", "{{ x }}", "a=b", "-x", ":memory:", "a#b"),
    *("x" * 250, "with space", "üni", "a;b"),
)


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    file = tmp_path / "readings.csv"
    file.write_text(READINGS)
    return file


def rows(warehouse: Warehouse) -> int:
    with duckdb.connect(warehouse.data / "raw.duckdb", read_only=True) as raw:
        ((count,),) = raw.execute("select count(*) from raw_store_sensors.file_readings").fetchall()
        return int(count)


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_loaded_into_a_folder_of_any_name(
    name: str, tmp_path: Path, readings: Path
) -> None:
    warehouse = Warehouse(tmp_path / name)
    warehouse("load", "store-sensors", "--file", str(readings))
    assert rows(warehouse) == 3
    warehouse("status")


def test_every_command_works_in_a_folder_of_any_name(tmp_path: Path, readings: Path) -> None:
    warehouse = Warehouse(tmp_path / ALL)
    warehouse("load", "store-sensors", "--file", str(readings))
    warehouse("build")
    warehouse("publish")
    sql = "select sum(visits) from footfall.sensor_traffic_hourly"
    assert query(warehouse.build, sql) == [(6,)]
    warehouse("docs")
    assert (warehouse.build / "docs").exists()
    warehouse("alerts")
    assert (
        json.loads(warehouse("status", "--json"))["published"]["build_id"] == warehouse.build.name
    )
    assert warehouse("publish", "--to", warehouse.build.name)
    parquet = warehouse.build / "parquet/footfall/dim_store.parquet"
    assert parquet.is_file()


def test_the_site_is_not_built_where_nodes_tools_would_misread_the_path(tmp_path: Path) -> None:
    data = tmp_path / "a#b"
    (data / "published").mkdir(parents=True)
    (data / "published/manifest.json").write_text("{}")
    with pytest.raises(SiteError, match="misread '#' in a path; set WAREHOUSE_CACHE_DIR"):
        report(data, env={})
    assert {path.name for path in data.iterdir()} == {"published"}
