"""Bring the working copy of the marts up to date, and audit it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb

from dbt_project.audit import Audit, record_audit
from dbt_project.files import flushed_meanwhile, remove
from dbt_project.paths import Paths
from dbt_project.publish import published_manifest
from dbt_project.run_rows import bring_runs
from dbt_project.scope import changed_sources, fingerprint, selection
from dbt_project.working_copy import continue_work, prepare_work
from ingestion.progress import Progress


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

    Raises:
        WarehouseError: nothing was loaded yet, or dbt could not start.
    """
    # dbt takes seconds to import.
    from dbt_project.runner import dbt_build  # noqa: PLC0415

    scope, project = _begin(paths, select, sources, running), fingerprint(paths.project)
    before = published_manifest(paths) or {}
    with flushed_meanwhile(paths.work_marts):
        report = dbt_build(
            paths,
            full_refresh=full_refresh,
            select=select if scope is None else selection(scope),
            progress=progress,
        )
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
    if not (select and continue_work(paths)):
        prepare_work(paths)
    remove(paths.audit)
    ready_raw(paths, running)
    new = None if sources is None or select else changed_sources(paths)
    return None if new is None else sorted({*new, *(sources or ())})
