"""Bring the working copy of the marts up to date, and audit it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb

from dbt_project.audit import Audit, read_audit, record_audit
from dbt_project.files import remove
from dbt_project.paths import Paths
from dbt_project.plans.build import planned_build
from dbt_project.plans.invocation import Invocation
from dbt_project.publish import published_manifest
from dbt_project.run_rows import bring_runs
from dbt_project.scope import changed_sources, fingerprint, selection
from ingestion.errors import WarehouseError
from ingestion.progress import Progress


def prepare_work(paths: Paths) -> None:
    """Throw the working files away and start again from what is published.

    Raises:
        WarehouseError: nothing was loaded yet.
        OSError: the disk is full, or the folder cannot be written.
    """
    if not paths.raw.exists():
        msg = f"there is nothing to build: {paths.raw} does not exist; load a source first"
        raise WarehouseError(msg)
    remove(paths.audit)
    remove(paths.work)
    paths.work.mkdir(parents=True)
    published = paths.published / "marts.duckdb"
    if published.exists():
        shutil.copyfile(published, paths.work_marts)
    else:
        duckdb.connect(paths.work_marts).close()


def ready_raw(paths: Paths, running: dict[str, Any] | None) -> None:
    """Drop the rows that tests of an earlier build kept, which are no more; bring the runs."""
    with duckdb.connect(paths.raw) as connection:
        connection.execute("drop schema if exists audit cascade")
        bring_runs(connection, paths, running)


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

    It starts from what is published; one of selected models goes on with the working file.

    Args:
        paths: of the warehouse.
        full_refresh: build incremental models anew.
        select: dbt's selection; the build cannot be published.
        sources: build what hangs on these and on others with something new; None builds
            everything, as does a project that changed.
        progress: where to show the work.
        running: the record, so far, of the run that builds.
        ask_dbt: execute no plan, see `planned_build`.

    Raises:
        WarehouseError: nothing was loaded yet, or dbt could not start.
    """
    scope, project = _begin(paths, select, sources, running), fingerprint(paths.project)
    before = published_manifest(paths) or {}
    selected = select if scope is None else selection(scope)
    invocation = Invocation(select=tuple(selected), full_refresh=full_refresh)
    report = planned_build(paths, invocation, progress=progress, ask_dbt=ask_dbt)
    if scope is not None:
        report = replace(report, marts=sorted({*report.marts, *before["tables"]}))
    return record_audit(
        paths,
        report,
        full=not select,
        scope=scope,
        project=project,
        based_on=before.get("build_id"),
    )


def _begin(
    paths: Paths,
    select: Sequence[str],
    sources: Sequence[str] | None,
    running: dict[str, Any] | None,
) -> list[str] | None:
    """Ready the files; returns the sources on which what must be built hangs, None for all."""
    if not (select and read_audit(paths)):
        prepare_work(paths)
    remove(paths.audit)
    ready_raw(paths, running)
    new = None if sources is None or select else changed_sources(paths)
    return None if new is None else sorted({*new, *(sources or ())})
