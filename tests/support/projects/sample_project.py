"""A small dbt project with its raw file: the same profile and schemas, two marts."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import duckdb

from dbt_project.build.audit import DbtReport, record_audit
from dbt_project.paths import ROOT, Paths

PROJECT = """
name: shop
version: "1.0"
config-version: 2
profile: warehouse
model-paths: [models]
macro-paths: [macros]
flags: {send_anonymous_usage_stats: false}
models:
  shop:
    +persist_docs: {relation: true, columns: true}
    staging:
      +database: raw
      +schema: staging
      +materialized: view
      +persist_docs: {relation: false}
    marts: {+schema: shop, +materialized: table}
data_tests:
  +store_failures: "{{ env_var('WAREHOUSE_STORE_FAILURES', 'True') | as_bool }}"
  +database: raw
  +schema: audit
"""
STAGING = """
select cast(order_id as integer) as order_id, cast(amount as integer) as amount
from {{ source('shop', 'orders') }}
"""
INCREMENTAL = "{{ config(materialized='incremental', unique_key='order_id') }} "
MODELS_YML = """
version: 2
sources:
  - {name: shop, database: raw, schema: raw_shop, tables: [{name: orders}]}
models:
  - name: orders
    description: Orders as they are now.
    columns:
      - name: amount
        data_tests:
          - not_null: {name: orders__amount_is_known}
  - name: totals
    description: One row.
"""

Warehouse = Callable[..., subprocess.CompletedProcess[str]]


def add_orders(raw: Path, rows: str, load_id: str) -> None:
    """Append a load to a raw file, as dlt would leave it."""
    with duckdb.connect(raw) as connection:
        connection.execute("create schema if not exists raw_shop")
        connection.execute(
            "create table if not exists raw_shop.orders"
            " (order_id varchar, amount varchar, socrata_updated_at varchar)"
        )
        connection.execute(
            "create table if not exists raw_shop._dlt_loads (load_id varchar, schema_name varchar,"
            " status bigint, inserted_at timestamptz, schema_version_hash varchar)"
        )
        connection.execute(f"insert into raw_shop.orders {rows}")
        connection.execute(
            "insert into raw_shop._dlt_loads values (?, 'shop', 0, '2024-01-02 03:04:05+00', 'x')",
            [load_id],
        )


def write_work(paths: Paths, orders: int) -> None:
    """Write a working file of so many orders, with the audit of a build that passed.

    The two tables agree: `totals` counts what `orders` holds.
    """
    paths.work.mkdir(parents=True, exist_ok=True)
    if not paths.raw.exists():
        add_orders(paths.raw, "values ('1', '10', '2024-01-01')", "1.1")
    with duckdb.connect(paths.work_marts) as connection:
        connection.execute("create schema if not exists shop")
        connection.execute(
            f"create or replace table shop.orders as select range as order_id from range({orders})"
        )
        connection.execute(f"create or replace table shop.totals as select {orders} as orders")
    report = DbtReport(uuid4().hex, ["shop.orders", "shop.totals"], models=2, tests=1, passed=1)
    record_audit(paths, report, full=True, scope=None, project="")


def write_project(root: Path) -> None:
    """Write the small project's files."""
    marts, staging = root / "models/marts", root / "models/staging"
    for folder in (marts, staging, root / "macros"):
        folder.mkdir(parents=True)
    (root / "dbt_project.yml").write_text(PROJECT)
    (staging / "stg_orders.sql").write_text(STAGING)
    (marts / "orders.sql").write_text(INCREMENTAL + "select * from {{ ref('stg_orders') }}")
    (marts / "totals.sql").write_text(
        "select count(*) as orders, cast(sum(amount) as bigint) as amount from {{ ref('orders') }}"
    )
    (root / "models/models.yml").write_text(MODELS_YML)
    shutil.copy(ROOT / "profiles.yml", root)
    shutil.copy(ROOT / "macros/generate_schema_name.sql", root / "macros")
