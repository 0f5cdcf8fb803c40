"""Bring the working copy of the marts up to date, and audit it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from dbt_project.audit import Audit, read_audit, record_audit
from dbt_project.files import remove
from dbt_project.paths import Paths
from dbt_project.publish import published_manifest
from dbt_project.scope import changed_sources, fingerprint, selection
from ingestion.errors import WarehouseError
from ingestion.progress import Progress

if TYPE_CHECKING:
    from dbt_project.runner import Parsed


def prepare_work(paths: Paths) -> None:
    """Throw the working files away and start again from what is published.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    remove(paths.audit)
    remove(paths.work)
    paths.work.mkdir(parents=True)
    published = paths.published / "marts.duckdb"
    if published.exists():
        shutil.copyfile(published, paths.work_marts)
    else:
        duckdb.connect(paths.work_marts).close()


def forget_failures(paths: Paths) -> None:
    """Drop the rows that tests of an earlier build kept: they speak of rows that are no more."""
    with duckdb.connect(paths.raw) as connection:
        connection.execute("drop schema if exists audit cascade")


def build(
    paths: Paths,
    *,
    full_refresh: bool,
    select: Sequence[str],
    sources: Sequence[str] | None,
    progress: Progress,
    parsed: Parsed | None = None,
) -> Audit:
    """Build and audit the marts in the working file.

    A build starts from what is published. One of selected models goes on with the working file
    as the last build left it, so that models can be tried one after the other.

    Args:
        paths: of the warehouse.
        full_refresh: build incremental models anew.
        select: dbt's selection; the build cannot be published.
        sources: build what hangs on these, and on every other with something new; None builds
            everything, which is also done where the project changed since the publication.
        progress: where to show the work.
        parsed: keeps the parsed project for the next build of this process.

    Returns:
        The audit, whether it passed or not.

    Raises:
        WarehouseError: nothing was loaded yet, or dbt could not start.
    """
    if not paths.raw.exists():
        msg = f"there is nothing to build: {paths.raw} does not exist; load a source first"
        raise WarehouseError(msg)
    # dbt takes seconds to import.
    from dbt_project.runner import dbt_build  # noqa: PLC0415

    if not (select and read_audit(paths)):
        prepare_work(paths)
    new = None if sources is None or select else changed_sources(paths)
    scope = None if new is None else sorted({*new, *(sources or ())})
    project = fingerprint(paths.project)
    remove(paths.audit)
    forget_failures(paths)
    published = published_manifest(paths) or {}
    wanted = select if scope is None else selection(scope)
    report = dbt_build(
        paths, full_refresh=full_refresh, select=wanted, progress=progress, parsed=parsed
    )
    if scope is not None:
        report = replace(report, marts=sorted({*report.marts, *published["tables"]}))
    return record_audit(
        paths,
        report,
        full=not select,
        scope=scope,
        project=project,
        based_on=published.get("build_id"),
    )
