"""Builds by plan: the same as dbt's; dbt builds wherever anything differs from the recording."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dbt_project.build.audit import DbtReport
from dbt_project.build.plans.build import planned_build
from dbt_project.build.plans.invocation import Invocation
from dbt_project.paths import Paths
from ingestion.core.progress import Silent
from tests.support.projects.recorded_project import RecordedProject, content
from tests.support.projects.sample_project import add_orders
from tests.support.warehouse import Warehouse


def both_ways(recorded: RecordedProject, tmp_path: Path) -> tuple[DbtReport, DbtReport]:
    """Build by plan, and a copy by dbt: rows, definitions and comments have to be the same."""
    copy = Paths(tmp_path / "copy", recorded.paths.project)
    shutil.copytree(recorded.paths.data, copy.data)
    by_plan = recorded.build()
    assert recorded.used_plan, recorded.events_seen
    by_dbt = planned_build(copy, Invocation(), progress=Silent(), ask_dbt=True)
    assert recorded.marts() == content(copy.work_marts)
    return by_plan, by_dbt


def test_a_plan_gives_what_dbt_gives(recorded: RecordedProject, tmp_path: Path) -> None:
    add_orders(recorded.paths.raw, "values ('2', '7', 'x'), ('1', '10', 'x')", "1.2")
    by_plan, by_dbt = both_ways(recorded, tmp_path)
    assert recorded.execute("from shop.totals") == [(3, 27)]
    assert by_plan.invocation_id != by_dbt.invocation_id
    assert by_plan.test_seconds > 0
    same = {"invocation_id": "", "test_seconds": 0.0}
    assert vars(by_plan) | same == vars(by_dbt) | same
    assert (by_plan.tests, by_plan.passed, by_plan.warned) == (3, 2, 1)


def test_a_plan_holds_in_another_data_folder(recorded: RecordedProject, tmp_path: Path) -> None:
    moved = tmp_path / "it's moved"
    recorded.paths.data.rename(moved)
    recorded.paths = Paths(moved, recorded.paths.project)
    recorded.build()
    assert recorded.used_plan
    plans = "".join(file.read_text() for file in recorded.paths.plans.glob("*"))
    assert "create" in plans
    assert str(tmp_path) not in plans


def test_a_plan_is_executed_with_the_current_settings(
    recorded: RecordedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", "500MB")
    recorded.build()
    assert recorded.used_plan
    assert recorded.execute("select memory, zone from shop.settings") == [("391.0 MiB", "UTC")]


def test_dbt_can_be_asked_although_a_plan_holds(recorded: RecordedProject) -> None:
    recorded.build(ask_dbt=True)
    assert not recorded.used_plan
    recorded.build()
    assert recorded.used_plan


def test_a_seed_changed_by_hand_is_loaded_again(recorded: RecordedProject) -> None:
    recorded.execute("update raw.seeds.currencies set name = 'Ecu'")
    assert recorded.build().failures == []
    assert recorded.continued
    assert recorded.execute("from raw.seeds.currencies") == [("EUR", "Euro")]


def test_dbt_reports_a_failed_test(recorded: RecordedProject) -> None:
    add_orders(recorded.paths.raw, "values ('2', null, 'x')", "1.2")
    report = recorded.build()
    assert recorded.continued
    assert report.failures[0] == (
        "test orders__amount_is_known found 1 failing rows"
        f" (kept as audit.orders__amount_is_known in {recorded.paths.raw})"
    )
    assert (report.failed, report.tests) == (1, 3)
    assert recorded.execute("select order_id from raw.audit.orders__amount_is_known") == [(2,)]


def test_dbt_reports_a_model_that_fails(recorded: RecordedProject) -> None:
    before = recorded.marts()
    add_orders(recorded.paths.raw, "values ('2', 'many', 'x')", "1.2")
    report = recorded.build()
    assert recorded.continued
    assert report.failures[0].startswith("orders: Conversion Error: ")
    assert "'many'" in report.failures[0]
    assert recorded.marts()["shop.orders"] == before["shop.orders"]


def test_dbt_repeats_nothing_that_the_plan_has_done(recorded: RecordedProject) -> None:
    """The query of `largest` finds another amount, after `entries` got its rows."""
    assert recorded.execute("select count(*) from shop.entries") == [(2,)]
    add_orders(recorded.paths.raw, "values ('2', '20', 'x')", "1.2")
    report = recorded.build()
    assert recorded.continued
    assert report.failures == []
    assert (report.models, report.tests, report.passed) == (7, 3, 2)
    assert recorded.execute("from shop.largest") == [(20,)]
    assert recorded.execute("select count(*) from shop.entries") == [(4,)]


def test_a_plan_that_failed_is_recorded_again(recorded: RecordedProject) -> None:
    add_orders(recorded.paths.raw, "values ('2', '20', 'x')", "1.2")
    for continued, used_plan in ((True, False), (False, False), (False, True)):
        recorded.build()
        assert (recorded.continued, recorded.used_plan) == (continued, used_plan)


def test_a_build_that_stopped_within_a_plan_is_built_again(editable: RecordedProject) -> None:
    """Some nodes are committed when Ctrl-C or a kill ends it; the next run starts afresh."""
    # The second table takes long enough to be killed.
    editable.model("totals").write_text(
        "select count(*) as orders, cast(sum(amount) as bigint) as amount from {{ ref('orders') }}"
        " where (select count(*) from range(1000000000)) > 0"
    )
    paths = editable.paths
    warehouse = Warehouse(paths.data, {"WAREHOUSE_PROJECT_DIR": str(paths.project)})
    warehouse("build")
    warehouse("publish")
    warehouse("build")
    add_orders(paths.raw, "values ('2', '5', 'x')", "1.2")
    log = paths.logs / "dbt.log"
    written = log.stat().st_size
    wal = paths.work_marts.with_name("marts.duckdb.wal")

    def is_half_done() -> bool:
        # Not the one that the previous build left.
        return wal.exists() and wal.stat().st_mtime > begun and b"orders" in wal.read_bytes()

    begun = time.time()
    stopped = warehouse.start("build")
    while not is_half_done():
        assert stopped.process.poll() is None
        time.sleep(0.001)
    os.kill(stopped.process.pid, signal.SIGINT)
    assert stopped.end() == 130, stopped.output
    begun = time.time()
    assert warehouse.start("build").kill_when(is_half_done)
    warehouse("build")
    assert log.stat().st_size == written, "dbt was asked"
    assert editable.execute("from shop.totals") == [(2, 15)]
    assert editable.execute("select count(*) from shop.entries") == [(3,)]


IMPORTS = """
import sys
from dbt_project.cli.main import app
try:
    app({arguments})
finally:
    found = {{name.partition(".")[0] for name in sys.modules}}
    print("imported:", *sorted(found & {{"dbt", "dbt_common", "agate", "jinja2", "dbt_extractor"}}))
"""


def test_a_build_by_plan_imports_no_dbt(recorded: RecordedProject) -> None:
    environ = {"WAREHOUSE_DATA_DIR": str(recorded.paths.data)}
    environ["WAREHOUSE_PROJECT_DIR"] = str(recorded.paths.project)
    events_seen = []
    # The first one records the plan of a build from nothing.
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", IMPORTS.format(arguments=["build"])],
            env=os.environ | environ,
            capture_output=True,
            text=True,
            check=True,
        )
        events_seen.append(done.stdout.splitlines()[-1])
    assert events_seen == ["imported: agate dbt dbt_common dbt_extractor jinja2", "imported:"]
