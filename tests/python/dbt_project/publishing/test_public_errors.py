"""What is published says that something failed, and never why: reasons name files and hosts."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from dbt_project.build.audit import record_audit
from dbt_project.build.run_record_rows import load_run_records
from dbt_project.paths import Paths
from dbt_project.publishing import publish as publication
from dbt_project.run_records import append, records
from dbt_project.runs.run import running
from ingestion.core.clock import utc_now
from ingestion.core.errors import WarehouseError
from ingestion.core.progress import Silent
from tests.support.projects.building import build
from tests.support.reports.api_server import client_of

PLANTED = ("/srv/private/feed.csv", "db.internal.example", "SOURCES__PISA__DATABASES")
WHY = "cannot read {} from {}: correct {}".format(*PLANTED)
RUNS = "core.warehouse_runs"


@pytest.fixture
def published(paths: Paths) -> Paths:
    """A publication after a run that failed with words of this machine, and one before it ended."""
    with pytest.raises(WarehouseError), running(paths, "load", Silent()) as run, run.step("load"):
        run.failures["pisa, ALB"] = WHY
        raise WarehouseError(WHY)
    (record,) = records(paths)
    assert record["error"] == WHY
    append(paths, record | {"run_id": "killed", "outcome": "killed", "error": f"`{WHY}` killed"})
    with duckdb.connect(paths.raw) as raw:
        # As an older version left it, with the same columns by other names.
        raw.execute("create schema raw_warehouse")
        raw.execute(f"create table raw_warehouse.runs as select 'x' as run_id, '{WHY}' as error")
        load_run_records(raw, paths, None)
    paths.work.mkdir(exist_ok=True)
    report = build(paths, ["+warehouse_runs"], tests="eager")
    record_audit(paths, report, full=True, scope=None, project="")
    with running(paths, "publish", Silent()):
        publication.publish(paths, now=utc_now() - timedelta(seconds=9), progress=Silent())
    with pytest.raises(WarehouseError), running(paths, "run", Silent()) as run:
        with run.step("build"):
            pass
        raise WarehouseError(WHY)
    return paths


def names_this_machine(text: str) -> list[str]:
    return [planted for planted in PLANTED if planted in text]


def test_the_marts_the_api_and_the_history_say_what_failed_and_not_why(published: Paths) -> None:
    with duckdb.connect(published.published / "marts.duckdb", read_only=True) as marts:
        rows = marts.execute(
            f"select outcome, error, failures from {RUNS} order by outcome"
        ).fetchall()
    load_failed = '{"pisa": "load failed"}'
    assert rows == [
        ("failed", "load of pisa failed", load_failed),
        ("killed", "was killed", load_failed),
    ]
    history = (published.published / "runs.json").read_text()
    assert '"problem": "build failed"' in history
    assert names_this_machine(history) == []
    assert names_this_machine((published.published / "manifest.json").read_text()) == []
    with client_of(published.data) as client:
        paths = ("/health", "/metrics", "/marts", "/marts/core/warehouse_runs", "/openapi.json")
        for path in (*paths, "/docs"):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert names_this_machine(answer.text) == [], path
            assert str(published.data) not in answer.text, path


def test_others_may_read_the_history_and_nothing_else_of_runs(published: Paths) -> None:
    def rights(path: Path) -> int:
        return path.stat().st_mode & 0o777

    assert rights(published.published / "runs.json") == 0o644
    assert rights(published.runs) == 0o600
