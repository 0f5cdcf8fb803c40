"""Marts with one Parquet file per period: a publication writes only those with changed rows."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pytest

from dbt_project.build.audit import DbtReport, record_audit
from dbt_project.build.working_copy import prepare_work
from dbt_project.files import sha256
from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from dbt_project.publishing.publish import leftovers
from ingestion.core.errors import WarehouseError
from tests.support.crash_points import checksums
from tests.support.projects.publications import publish
from tests.support.projects.sample_project import add_orders

MODEL = """
version: 2
models:
  - name: orders
    config:
      meta: {{parquet_partition: {partition}}}
  - name: notes
"""
BY_MONTH = "{column: ordered_on, period: month}"
ORDERS = """
select range as order_id, date '2024-01-15' + to_days(cast(range as integer)) as ordered_on
from range(60)
"""


@pytest.fixture
def partitioned(tmp_path: Path) -> Paths:
    """A warehouse whose project divides its orders by month."""
    paths = Paths(data=tmp_path / "data", project=tmp_path / "project")
    divide(paths, BY_MONTH)
    paths.data.mkdir()
    add_orders(paths.raw, "values ('1', '10', '2024-01-01')", "1.1")
    return paths


def divide(paths: Paths, partition: str) -> None:
    """Let the project say how the files of the orders are divided."""
    models = paths.project / "models"
    models.mkdir(parents=True, exist_ok=True)
    (models / "orders.yml").write_text(MODEL.format(partition=partition))


def build(
    paths: Paths, change: str, *, wrote: bool = True, based_on: str | None = None
) -> dict[str, Any]:
    """Change the marts as a build does and publish them; returns what is output of the orders.

    Args:
        paths: of the warehouse.
        change: statements of SQL.
        wrote: whether the build says that it wrote the orders.
        based_on: the build that this one of some sources began with.
    """
    prepare_work(paths)
    with duckdb.connect(paths.work_marts) as connection:
        connection.execute("create schema if not exists shop")
        connection.execute(change)
    built = ["shop.orders"] if wrote else []
    report = DbtReport(uuid4().hex, ["shop.orders"], models=1, tests=1, passed=1, built=built)
    scope = ["shop"] if based_on else None
    record_audit(paths, report, full=True, scope=scope, project="", based_on=based_on)
    manifest = publish(paths)
    orders: dict[str, Any] = manifest["tables"]["shop.orders"]
    return orders | {"build_id": manifest["build_id"]}


def files(paths: Paths) -> dict[str, int]:
    """The files of the orders that are published, and their inodes."""
    found = (paths.published / "parquet/shop").rglob("*.parquet")
    return {path.name: path.stat().st_ino for path in found}


def read(paths: Paths, orders: dict[str, Any], query: str) -> list[tuple[Any, ...]]:
    """Ask the published Parquet files, as an analyst does."""
    with duckdb.connect() as connection:
        file = paths.published / orders["parquet"]
        return connection.execute(query.format(f"read_parquet('{file}')")).fetchall()


def test_a_change_rewrites_only_the_files_of_its_months(partitioned: Paths) -> None:
    first = build(partitioned, f"create table shop.orders as {ORDERS}")
    before = files(partitioned)
    assert before.keys() == {"2024-01.parquet", "2024-02.parquet", "2024-03.parquet"}
    assert {name: part["rows"] for name, part in first["parts"].items()} == {
        "2024-01": 17,
        "2024-02": 29,
        "2024-03": 14,
    }
    again = build(
        partitioned,
        "delete from shop.orders where order_id = 20;"
        "insert into shop.orders values (20, '2024-02-04'), (99, '2024-04-01')",
    )
    # The row that was written again is the same.
    changed = {name for name, inode in files(partitioned).items() if before.get(name) != inode}
    assert changed == {"2024-04.parquet"}
    assert again["parts"] == first["parts"] | {"2024-04": again["parts"]["2024-04"]}
    moved = build(
        partitioned, "update shop.orders set ordered_on = '2024-03-31' where order_id = 20"
    )
    assert {name: part["rows"] for name, part in moved["parts"].items()} == {
        "2024-01": 17,
        "2024-02": 28,
        "2024-03": 15,
        "2024-04": 1,
    }
    assert {name for name, inode in files(partitioned).items() if before.get(name) == inode} == {
        "2024-01.parquet"
    }


def test_the_parts_are_the_table(partitioned: Paths) -> None:
    orders = build(partitioned, f"create table shop.orders as {ORDERS}")
    assert orders["parquet"] == "parquet/shop/orders/*.parquet"
    assert orders["partition"] == {"column": "ordered_on", "period": "month"}
    parts = orders["parts"].values()
    assert orders["rows"] == sum(part["rows"] for part in parts) == 60
    assert orders["bytes"] == sum(part["bytes"] for part in parts)
    total = sum(int(part["content_hash"], 16) for part in parts)
    with duckdb.connect(partitioned.published / "marts.duckdb", read_only=True) as connection:
        hashed = "select sum(hash(orders)) from shop.orders"
        assert connection.execute(hashed).fetchall() == [(int(orders["content_hash"], 16),)]
    assert total == int(orders["content_hash"], 16)
    assert read(partitioned, orders, "select count(*), min(order_id), max(order_id) from {}") == [
        (60, 0, 59)
    ]
    assert read(partitioned, orders, "describe from {}")[0][:2] == ("order_id", "BIGINT")


def test_every_file_has_its_checksum(partitioned: Paths) -> None:
    build(partitioned, f"create table shop.orders as {ORDERS}")
    build(partitioned, "delete from shop.orders where order_id = 20")
    manifest = published_manifest(partitioned)
    assert manifest
    found = dict(checksums(manifest))
    assert len(found) == 4
    assert {path: sha256(partitioned.published / path) for path in found} == found


def test_rows_without_a_date_and_tables_without_rows_have_a_file(partitioned: Paths) -> None:
    orders = build(
        partitioned,
        "create table shop.orders as select * from (values"
        " (1, date '2024-01-01'), (2, null), (3, date 'infinity')) as t (order_id, ordered_on)",
    )
    assert {name: part["rows"] for name, part in orders["parts"].items()} == {
        "2024-01": 1,
        "undated": 2,
    }
    assert read(partitioned, orders, "select sum(order_id) from {}") == [(6,)]
    empty = build(partitioned, "delete from shop.orders")
    assert files(partitioned).keys() == {"undated.parquet"}
    assert (empty["rows"], empty["content_hash"]) == (0, f"{0:032x}")
    assert read(partitioned, empty, "select count(ordered_on) from {}") == [(0,)]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_days_of_a_timestamp_are_those_of_utc(
    partitioned: Paths, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    divide(partitioned, "{column: ordered_at, period: day}")
    orders = build(
        partitioned,
        "create table shop.orders as select * from (values"
        " (1, timestamptz '2024-01-01 23:59:59.999999+00'), (2, '2024-01-02 00:00:00+00'),"
        " (3, '2024-01-02 23:00:00-02')) as t (order_id, ordered_at)",
    )
    assert {name: part["rows"] for name, part in orders["parts"].items()} == {
        "2024-01-01": 1,
        "2024-01-02": 1,
        "2024-01-03": 1,
    }


def test_a_table_that_was_not_built_keeps_its_files_unread(partitioned: Paths) -> None:
    first = build(partitioned, f"create table shop.orders as {ORDERS}")
    before = files(partitioned)
    # It changed behind the back of the build, which shows that nobody looked.
    kept = build(partitioned, "delete from shop.orders", wrote=False, based_on=first["build_id"])
    assert files(partitioned) == before
    assert kept["parts"] == first["parts"]
    # A file that is not there cannot be kept.
    (partitioned.published / "parquet/shop/orders/2024-02.parquet").unlink()
    missing = build(
        partitioned, f"insert into shop.orders {ORDERS}", wrote=False, based_on=kept["build_id"]
    )
    assert missing["parts"].keys() == first["parts"].keys()
    assert files(partitioned).keys() == before.keys()
    assert files(partitioned)["2024-01.parquet"] == before["2024-01.parquet"]


def test_files_that_are_divided_differently_are_rewritten(partitioned: Paths) -> None:
    build(partitioned, f"create table shop.orders as {ORDERS}")
    divide(partitioned, "{column: ordered_on, period: year}")
    by_year = build(partitioned, "select 1")
    assert files(partitioned).keys() == {"2024.parquet"}
    assert by_year["partition"]["period"] == "year"
    (partitioned.project / "models/orders.yml").unlink()
    whole = build(partitioned, "select 1")
    assert whole["parquet"] == "parquet/shop/orders.parquet"
    assert files(partitioned).keys() == {"orders.parquet"}
    assert whole["content_hash"] == by_year["content_hash"]


@pytest.mark.parametrize(
    ("partition", "message"),
    [
        ("{column: ordered_on, period: week}", "which is one of year, month, day"),
        ("ordered_on", "orders.yml: parquet_partition is 'ordered_on'"),
        ("{column: order_id, period: day}", "divided by order_id, which is BIGINT"),
        ("{column: bought_on, period: day}", "by bought_on, which is not one of its columns"),
    ],
)
def test_an_invalid_partition_publishes_nothing(
    partitioned: Paths, partition: str, message: str
) -> None:
    divide(partitioned, partition)
    with pytest.raises(WarehouseError, match=message):
        build(partitioned, f"create table shop.orders as {ORDERS}")
    assert not partitioned.published.exists()
    assert leftovers(partitioned) == []
