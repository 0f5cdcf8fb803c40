"""Builds by plan: the same as dbt's, and dbt's wherever anything is not as it was recorded."""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_project.audit import DbtReport
from dbt_project.log_file import events
from dbt_project.paths import Paths
from dbt_project.plans.build import planned_build
from dbt_project.plans.invocation import Invocation
from dbt_project.plans.plan import MAX_PLANS
from dbt_project.working_copy import prepare_work
from ingestion.progress import Silent
from tests.python.dbt_project.shop import add_orders, write_project
from tests.python.end_to_end.warehouse import Warehouse

EXTRA_MODELS = {
    # What a second execution of the same node would double.
    "entries": """
        {{ config(materialized='incremental', incremental_strategy='append') }}
        select order_id from {{ ref('orders') }}""",
    "settings": """
        select '{{ var("currency") }}' as currency, '{{ env_var("SHOP_NAME", "corner") }}' as name,
            current_setting('memory_limit') as memory, current_setting('TimeZone') as zone""",
    "largest": """
        {%- set query = 'select max(amount) from ' ~ ref('orders') -%}
        select {{ run_query(query).columns[0].values()[0] if execute else 0 }} as amount""",
}
EXTRA_YML = """
version: 2
models:
  - name: largest
    columns:
      - name: amount
        data_tests:
          - accepted_values:
              name: largest__amount_is_small
              arguments: {values: [1, 2, 3], quote: false}
              config: {severity: warn}
  - name: entries
    columns:
      - name: order_id
        data_tests:
          - not_null: {name: entries__order_is_known}
"""
FIRST, SECOND = "values ('1', '10', 'x')", "values ('2', '20', 'x')"


@dataclass
class Shop:
    """A small project with every kind of node, its raw file, and what was said of its builds."""

    paths: Paths
    said: list[str] = field(default_factory=list)

    def build(self, invocation: Invocation | None = None, **options: bool) -> DbtReport:
        """Build on what was built last."""
        self.said.clear()
        invocation = invocation or Invocation()
        return planned_build(self.paths, invocation, progress=Silent(), **options)

    @property
    def used_plan(self) -> bool:
        """Whether the last build was by plan from its beginning to its end."""
        return any("was executed" in line for line in self.said)

    @property
    def continued(self) -> bool:
        """Whether dbt took over from a plan that failed."""
        return any("dbt goes on" in line for line in self.said)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Execute SQL on the working files."""
        with duckdb.connect(self.paths.work_marts) as marts:
            marts.execute(f"attach '{self.paths.raw}' as raw")
            return marts.execute(sql).fetchall()

    def model(self, name: str) -> Path:
        return self.paths.project / f"models/marts/{name}.sql"

    def marts(self) -> dict[str, Any]:
        return content(self.paths.work_marts)


def content(file: Path) -> dict[str, Any]:
    """Each table of a file: its definition, comments and rows."""
    with duckdb.connect(file, read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name, sql, comment from duckdb_tables()"
        ).fetchall()
        comments = "select list(comment order by column_index) from duckdb_columns()"
        return {
            name: (
                *rest,
                connection.execute(
                    f"{comments} where schema_name || '.' || table_name = ?", [name]
                ).fetchall(),
                sorted(map(repr, connection.execute(f"from {name}").fetchall())),
            )
            for name, *rest in tables
            # It holds when the runs were.
            if name != "core.warehouse_runs"
        }


@pytest.fixture(scope="module")
def shop_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project and its data, built twice, and a plan of the second build."""
    root = tmp_path_factory.mktemp("shop")
    project, data = root / "project", root / "data"
    write_project(project)
    for name, sql in EXTRA_MODELS.items():
        (project / f"models/marts/{name}.sql").write_text(sql)
    (project / "models/extra.yml").write_text(EXTRA_YML)
    (project / "seeds").mkdir()
    (project / "seeds/currencies.csv").write_text("code,name\nEUR,Euro\n")
    with (project / "dbt_project.yml").open("a") as settings:
        settings.write("seed-paths: [seeds]\nvars: {currency: EUR}\n")
        settings.write("seeds: {+database: raw, +schema: seeds}\n")
    data.mkdir()
    shop = Shop(Paths(data, project))
    add_orders(shop.paths.raw, FIRST, "1.1")
    prepare_work(shop.paths)
    for _ in range(2):
        assert shop.build().failures == []
    return root


@pytest.fixture
def shop(shop_built: Path, tmp_path: Path) -> Iterator[Shop]:
    """A copy of the folder, of one test's own; the project stays where it is for most tests."""
    shutil.copytree(shop_built / "data", tmp_path / "data")
    with listening(Shop(Paths(tmp_path / "data", shop_built / "project"))) as shop:
        yield shop


@pytest.fixture
def editable(shop: Shop) -> Iterator[Shop]:
    """The same, whose project is put back as it was: dbt parses one in another place anew."""
    before = shop.paths.project.with_name("before")
    shutil.copytree(shop.paths.project, before)
    yield shop
    shutil.rmtree(shop.paths.project)
    before.rename(shop.paths.project)


@contextmanager
def listening(shop: Shop) -> Iterator[Shop]:
    class Said(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            shop.said.append(record.getMessage())

    handler, level = Said(), events.level
    events.addHandler(handler)
    events.setLevel(logging.INFO)
    try:
        yield shop
    finally:
        events.removeHandler(handler)
        events.setLevel(level)


def both_ways(shop: Shop, tmp_path: Path) -> tuple[DbtReport, DbtReport]:
    """Build by plan, and a copy by dbt: rows, definitions and comments have to be the same."""
    copy = Paths(tmp_path / "copy", shop.paths.project)
    shutil.copytree(shop.paths.data, copy.data)
    by_plan = shop.build()
    assert shop.used_plan, shop.said
    by_dbt = planned_build(copy, Invocation(), progress=Silent(), ask_dbt=True)
    assert shop.marts() == content(copy.work_marts)
    return by_plan, by_dbt


def test_a_plan_gives_what_dbt_gives(shop: Shop, tmp_path: Path) -> None:
    add_orders(shop.paths.raw, "values ('2', '7', 'x'), ('1', '10', 'x')", "1.2")
    by_plan, by_dbt = both_ways(shop, tmp_path)
    assert shop.execute("from shop.totals") == [(3, 27)]
    assert by_plan.invocation_id != by_dbt.invocation_id
    assert by_plan.test_seconds > 0
    same = {"invocation_id": "", "test_seconds": 0.0}
    assert vars(by_plan) | same == vars(by_dbt) | same
    assert (by_plan.tests, by_plan.passed, by_plan.warned) == (3, 2, 1)


def test_a_plan_holds_in_another_data_folder(shop: Shop, tmp_path: Path) -> None:
    moved = tmp_path / "it's moved"
    shop.paths.data.rename(moved)
    shop.paths = Paths(moved, shop.paths.project)
    shop.build()
    assert shop.used_plan
    plans = "".join(file.read_text() for file in shop.paths.plans.glob("*"))
    assert "create" in plans
    assert str(tmp_path) not in plans


def test_a_plan_is_executed_with_the_settings_of_now(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", "500MiB")
    shop.build()
    assert shop.used_plan
    assert shop.execute("select memory, zone from shop.settings") == [("500.0 MiB", "UTC")]


def test_dbt_can_be_asked_although_a_plan_holds(shop: Shop) -> None:
    shop.build(ask_dbt=True)
    assert not shop.used_plan
    shop.build()
    assert shop.used_plan


CATALOG_CHANGES = {
    "a column added by hand": "alter table shop.totals add column note varchar",
    "a table dropped": "drop table shop.totals",
    "a view changed": "create or replace view raw.staging.stg_orders as"
    " select 1 as order_id, 2 as amount",
    "a view dropped": "drop view raw.staging.stg_orders",
    "a comment changed": "comment on table shop.orders is 'mine'",
    "a constraint dropped": "create or replace table shop.totals (orders bigint, amount integer)",
    "a column of raw added": "alter table raw.raw_shop.orders add column note varchar",
}


@pytest.mark.parametrize("sql", CATALOG_CHANGES.values(), ids=CATALOG_CHANGES.keys())
def test_another_catalog_is_dbts(shop: Shop, sql: str) -> None:
    shop.execute(sql)
    assert shop.build().failures == []
    assert not shop.used_plan
    assert not shop.continued


def test_a_seed_changed_by_hand_is_loaded_again(shop: Shop) -> None:
    shop.execute("update raw.seeds.currencies set name = 'Ecu'")
    assert shop.build().failures == []
    assert shop.continued
    assert shop.execute("from raw.seeds.currencies") == [("EUR", "Euro")]


INVOCATIONS = {
    "a selection": Invocation(select=("orders",)),
    "an exclusion": Invocation(exclude=("orders",)),
    "kinds of nodes": Invocation(resource_types=("model",)),
    "another command": Invocation(command="run"),
    "a full refresh": Invocation(full_refresh=True),
    "a variable": Invocation(environment={"SHOP_NAME": "market"}),
}


@pytest.mark.parametrize("invocation", INVOCATIONS.values(), ids=INVOCATIONS.keys())
def test_another_invocation_has_a_plan_of_its_own(shop: Shop, invocation: Invocation) -> None:
    reports = []
    for used in (False, True):
        reports.append(shop.build(invocation))
        assert shop.used_plan is used, shop.said
    by_dbt, by_plan = reports
    assert by_dbt.models > 0
    assert (by_plan.models, by_plan.tests, by_plan.marts) == (
        by_dbt.models,
        by_dbt.tests,
        by_dbt.marts,
    )


def test_a_variable_that_the_project_does_not_read_is_no_matter(shop: Shop) -> None:
    shop.build(Invocation(environment={"SHOP_STREET": "High Street"}))
    assert shop.used_plan


def another_version(shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = folder / "site/dbt_duckdb-99.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Name: dbt-duckdb\nVersion: 99.0\n")
    monkeypatch.syspath_prepend(str(installed.parent))


def another_model(shop: Shop, *_: object) -> None:
    with shop.model("totals").open("a") as model:
        model.write("\nwhere true")


def another_test(shop: Shop, *_: object) -> None:
    file = shop.paths.project / "models/extra.yml"
    file.write_text(file.read_text().replace("[1, 2, 3]", "[1, 2, 3, 4]"))


def another_var(shop: Shop, *_: object) -> None:
    file = shop.paths.project / "dbt_project.yml"
    file.write_text(file.read_text().replace("EUR", "USD"))


def another_seed(shop: Shop, *_: object) -> None:
    with (shop.paths.project / "seeds/currencies.csv").open("a") as seed:
        seed.write("USD,Dollar\n")


def another_variable(_shop: Shop, _folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_NAME", "market")


def another_setting_of_dbt(_shop: Shop, _folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_WARN_ERROR_OPTIONS", "{silence: [NoNodesForSelectionCriteria]}")


Change = Callable[[Shop, Path, pytest.MonkeyPatch], None]


@pytest.mark.parametrize(
    "change",
    [
        another_model,
        another_test,
        another_seed,
        another_var,
        another_variable,
        another_version,
        another_setting_of_dbt,
    ],
)
def test_another_project_is_dbts(
    editable: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    editable.build()
    assert editable.used_plan
    change(editable, tmp_path, monkeypatch)
    assert editable.build().failures == []
    assert not editable.used_plan
    assert not editable.continued


CHANGING = ("run_started_at.isoformat()", "invocation_id", "env_var('SHOP' ~ '_NAME', 'x')")


@pytest.mark.parametrize("value", CHANGING)
def test_no_plan_is_kept_of_what_no_key_covers(editable: Shop, value: str) -> None:
    editable.model("settings").write_text("select '{{ " + value + " }}' as setting")
    for _ in range(2):
        editable.build()
        assert not editable.used_plan


def damaged(text: str) -> str:
    return text[: len(text) // 2]


def altered(text: str) -> str:
    return text.replace("select count(*) as orders", "select 5 as orders")


def foreign(_text: str) -> str:
    return json.dumps(["nothing", "of", "ours"])


def outdated(text: str) -> str:
    return json.dumps({"version": 0, **json.loads(text), "nodes": [{"name": "orders"}]})


@pytest.mark.parametrize("damage", [damaged, altered, foreign, outdated])
def test_a_file_that_is_no_plan_of_ours_is_ignored(
    shop: Shop, damage: Callable[[str], str]
) -> None:
    for file in shop.paths.plans.glob("*.json"):
        text = file.read_text()
        assert damage(text) != text or "select count(*) as orders" not in text
        file.write_text(damage(text))
    assert shop.build().failures == []
    assert not shop.used_plan
    shop.build()
    assert shop.used_plan


def test_a_plan_that_is_binary_is_ignored(shop: Shop) -> None:
    for file in shop.paths.plans.glob("*.json"):
        file.write_bytes(os.urandom(1000))
    assert shop.build().failures == []
    assert not shop.used_plan


def test_old_plans_are_removed(shop: Shop) -> None:
    (used,) = (file for file in shop.paths.plans.iterdir() if "entries__dbt" in file.read_text())
    for number in range(2 * MAX_PLANS):
        old = shop.paths.plans / f"{number}.json"
        old.write_text("{}")
        os.utime(old, (number, number))
    shop.build(Invocation(select=("settings",)))
    assert len([*shop.paths.plans.iterdir()]) == MAX_PLANS
    assert used.exists()


def test_a_failed_test_is_dbts_to_report(shop: Shop) -> None:
    add_orders(shop.paths.raw, "values ('2', null, 'x')", "1.2")
    report = shop.build()
    assert shop.continued
    assert report.failures[0] == (
        "test orders__amount_is_known found 1 failing rows"
        f" (kept as audit.orders__amount_is_known in {shop.paths.raw})"
    )
    assert (report.failed, report.tests) == (1, 3)
    assert shop.execute("select order_id from raw.audit.orders__amount_is_known") == [(2,)]


def test_a_model_that_fails_is_dbts_to_report(shop: Shop) -> None:
    before = shop.marts()
    add_orders(shop.paths.raw, "values ('2', 'many', 'x')", "1.2")
    report = shop.build()
    assert shop.continued
    assert "model orders failed:" in report.failures[0]
    assert "'many'" in report.failures[0]
    assert shop.marts()["shop.orders"] == before["shop.orders"]


def test_dbt_repeats_nothing_that_the_plan_did(shop: Shop) -> None:
    """The query of `largest` finds another amount, after `entries` got its rows."""
    assert shop.execute("select count(*) from shop.entries") == [(2,)]
    add_orders(shop.paths.raw, SECOND, "1.2")
    report = shop.build()
    assert shop.continued
    assert report.failures == []
    assert (report.models, report.tests, report.passed) == (7, 3, 2)
    assert shop.execute("from shop.largest") == [(20,)]
    assert shop.execute("select count(*) from shop.entries") == [(4,)]


def test_a_build_that_was_killed_within_a_plan_is_built_anew(editable: Shop) -> None:
    """Some nodes are committed when it ends; the next run starts from what is published."""
    # The second table takes long enough to be killed.
    editable.model("totals").write_text(
        "select count(*) as orders, cast(sum(amount) as bigint) as amount from {{ ref('orders') }}"
        " where (select count(*) from range(500000000)) > 0"
    )
    paths = editable.paths
    warehouse = Warehouse(paths.data, {"DBT_PROJECT_DIR": str(paths.project)})
    warehouse("build")
    warehouse("publish")
    warehouse("build")
    add_orders(paths.raw, "values ('2', '5', 'x')", "1.2")
    log = paths.logs / "dbt.log"
    written = log.stat().st_size
    wal = paths.work_marts.with_name("marts.duckdb.wal")
    command = warehouse.start("build")
    assert command.kill_when(lambda: wal.exists() and b"orders" in wal.read_bytes())
    warehouse("build")
    assert log.stat().st_size == written, "dbt was asked"
    assert editable.execute("from shop.totals") == [(2, 15)]
    assert editable.execute("select count(*) from shop.entries") == [(3,)]
