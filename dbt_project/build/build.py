"""Build the working copy of the marts, and audit it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb

from dbt_project.build.audit import Audit, record_audit
from dbt_project.build.increments import Increments, rows_to_read
from dbt_project.build.plans.build import planned_build
from dbt_project.build.plans.invocation import Invocation
from dbt_project.build.run_record_rows import load_run_records
from dbt_project.build.scope import changed_sources, fingerprint, selection
from dbt_project.build.working_copy import continue_history, continue_work, prepare_work
from dbt_project.files import flushed_meanwhile, remove
from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from ingestion.core.progress import Progress


def prepare_raw(paths: Paths, running: dict[str, Any] | None) -> None:
    """Drop the failing rows that an earlier audit kept, and load the records of runs."""
    with duckdb.connect(paths.raw) as connection:
        connection.execute("drop schema if exists audit cascade")
        load_run_records(connection, paths, running)


def build(
    paths: Paths,
    *,
    full_refresh: bool,
    select: Sequence[str],
    sources: Sequence[str] | None,
    progress: Progress,
    running: dict[str, Any] | None = None,
    ask_dbt: bool = False,
) -> Audit:
    """Build the marts in the working file; returns the audit, passed or not.

    It starts from what is published; a build of selected models continues the working file.

    Args:
        paths: of the warehouse.
        full_refresh: rebuild incremental models; without a selection rebuild everything.
        select: dbt selection; the build cannot be published.
        sources: build what depends on these and on others with new rows; None: everything.
        progress: where to show the work.
        running: the record so far of the current run.
        ask_dbt: use no plan, see `planned_build`.

    Raises:
        WarehouseError: nothing was loaded yet, or dbt could not start.
    """
    rebuild = full_refresh and not select
    # Before the records of runs are written: the state of raw is known from the load's check.
    new_rows = rows_to_read(paths, rebuild=rebuild)
    scope = _begin(paths, select, sources, running, rebuild=rebuild)
    project = fingerprint(paths.project)
    before = published_manifest(paths) or {}
    with flushed_meanwhile(paths.work_marts):
        if select:
            chosen = Invocation(select=tuple(select), full_refresh=full_refresh)
            report = planned_build(paths, chosen, progress=progress, ask_dbt=ask_dbt)
        else:
            scoped = () if scope is None else selection(scope)
            report = Increments(
                paths, scoped, progress, new_rows=new_rows, rebuild=rebuild, ask_dbt=ask_dbt
            ).build()
    if scope is not None:
        report = replace(report, marts=sorted({*report.marts, *before["tables"]}))
    remove(paths.history)
    base = before.get("build_id")
    return record_audit(paths, report, full=not select, scope=scope, project=project, based_on=base)


def _begin(
    paths: Paths,
    select: Sequence[str],
    sources: Sequence[str] | None,
    running: dict[str, Any] | None,
    *,
    rebuild: bool,
) -> list[str] | None:
    """Prepare the files; returns the sources whose models must be built, None for all."""
    if not (select and continue_work(paths)) and not continue_history(paths, rebuild=rebuild):
        prepare_work(paths, rebuild=rebuild)
    remove(paths.audit)
    new = None if sources is None or select or rebuild else changed_sources(paths)
    prepare_raw(paths, running)
    return None if new is None else sorted({*new, *(sources or ())})
