"""Run dbt in this process, with progress and failures in one line each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import chdir
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.invocation import get_invocation_id

from dbt_project.audit import DbtReport
from dbt_project.paths import Paths
from ingestion.errors import WarehouseError
from ingestion.progress import Progress, Task

FAILED = {"error", "fail", "runtime error", "partial success"}
# What dbt says goes to its own log; what a user needs of it, into one line.
QUIET = ("--quiet", "--log-level", "none", "--log-level-file", "info", "--no-use-colors")
VERDICTS = {"pass": "passed", "warn": "warned", "skipped": "skipped"}


def dbt_build(
    paths: Paths, *, full_refresh: bool, select: Sequence[str], progress: Progress
) -> DbtReport:
    """Build and test the project on the working file; unit tests belong to `make test`.

    Raises:
        WarehouseError: dbt could not start the build (a project that does not parse, a
            selection that it does not understand).
    """
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    arguments += ["--full-refresh"] if full_refresh else []
    arguments += ["--select", *select] if select else []
    arguments += ["--project-dir", str(paths.project), "--profiles-dir", str(paths.project)]
    arguments += ["--target-path", str(paths.target), "--log-path", str(paths.logs)]
    # The profile finds its files by this variable; dbt reads it when it is invoked.
    os.environ["WAREHOUSE_DATA_DIR"] = str(paths.data)
    # dbt moves into its project; whoever called us stays where they were.
    with progress.task("dbt build", unit="nodes") as task, chdir(paths.project):
        try:
            result = dbtRunner(callbacks=[_Nodes(task)]).invoke([*QUIET, *arguments])
        finally:
            # dbt leaves its file and the write-ahead log open in the process.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    return _report(paths, result)


class _Nodes:
    """Turns dbt's events into progress; dbt calls it with every event."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def __call__(self, event: Any) -> None:
        if event.info.name == "LogStartLine":
            self.task.total(event.data.total)
        elif event.info.name == "NodeFinished":
            self.task.advance(1)


def _report(paths: Paths, result: dbtRunnerResult) -> DbtReport:
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    outcomes: list[Any] | None = getattr(result.result, "results", None)
    if outcomes is None:
        why = " ".join(str(result.exception or "dbt gave no reason").split())
        msg = f"dbt could not build {paths.project}: {why}; see {paths.logs / 'dbt.log'}"
        raise WarehouseError(msg)
    counts = dict.fromkeys(("models", "tests", "passed", "failed", "warned", "skipped"), 0)
    failures: list[str] = []
    marts: list[str] = []
    for outcome in outcomes:
        status, node = str(outcome.status), outcome.node
        if node.resource_type == "test":
            counts["tests"] += 1
            counts[VERDICTS.get(status, "failed")] += 1
        elif status == "success":
            counts["models"] += 1
            if node.database == "marts" and node.config.materialized != "view":
                marts.append(f"{node.schema}.{node.alias}")
        if status in FAILED:
            failures.append(_failure(paths, outcome))
    skipped = sum(str(outcome.status) == "skipped" for outcome in outcomes)
    if skipped:
        failures.append(f"{skipped} nodes that depend on these were skipped")
    return DbtReport(get_invocation_id(), sorted(marts), failures=failures, **counts)


def _failure(paths: Paths, outcome: Any) -> str:
    """One line: what failed, and where the failing rows lie or what dbt said."""
    node = outcome.node
    if node.resource_type == "test" and str(outcome.status) == "fail":
        rows = f"test {node.name} found {outcome.failures} failing rows"
        table = (node.relation_name or "").replace('"', "")
        return f"{rows} (kept as {table} in {paths.raw})" if table else rows
    return f"{node.resource_type} {node.name} failed: {' '.join(str(outcome.message).split())}"
