"""Make an audited build visible to readers, in one atomic step.

`data/published` is a link to `data/builds/<build id>`. A build is written completely, then the link
is replaced: a reader sees the old build or the new one, and keeps the one that it has open.
"""

import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.build.audit import Audit, read_audit
from dbt_project.files import FOR_OTHERS, finalize_file, link, remove, umask, write_json
from dbt_project.paths import Paths
from dbt_project.published import (
    MANIFEST,
    kept_builds,
    new_build_id,
    newest_published,
    partial_builds,
    published_manifest,
)
from dbt_project.publishing.manifest import describe
from ingestion.core.errors import WarehouseError
from ingestion.core.memory import memory_limit, out_of_memory_advice
from ingestion.core.process.disk import sync
from ingestion.core.process.signals import raise_if_stopped
from ingestion.core.progress import Progress

# What is made from a publication: folders, links to the newest of them, and files.
PAGES = ("site*", "docs*", "runs.json")


def publish(paths: Paths, *, now: datetime, progress: Progress) -> dict[str, Any]:
    """Publish the working file, unless that is done already.

    Returns:
        The manifest of the build that is published now.

    Raises:
        WarehouseError: the working file did not pass the audit of a full build.
        OSError: the disk is full, or the folder cannot be written; readers keep what they had.
    """
    prune_builds(paths)
    current = published_manifest(paths)
    if current and is_published(paths, current):
        remove(paths.work_marts)
        return current
    audit = publishable(paths)
    build_id = new_build_id(paths, now, audit.dbt.invocation_id)
    with umask(FOR_OTHERS):
        try:
            manifest = stage(paths, audit, build_id=build_id, now=now, progress=progress)
        except (OSError, duckdb.Error, WarehouseError) as error:
            remove(partial(paths, build_id))
            if isinstance(error, duckdb.OutOfMemoryException):
                advice = out_of_memory_advice(str(error), memory_limit(os.environ))
                msg = f"the publication ran out of memory: {advice}"
                raise WarehouseError(msg) from error
            raise
        finalize_build(paths, build_id)
        copy_previous_pages(paths, build_id)
    raise_if_stopped()
    swap_published_link(paths, build_id)
    # It is the build's file now, which nobody may write: the next build starts with a copy.
    remove(paths.work_marts)
    remove(paths.rolled_back)
    prune_builds(paths)
    return manifest


def is_published(paths: Paths, current: dict[str, Any]) -> bool:
    """Whether the last audited build is the published one, according to its manifest."""
    audit = read_audit(paths)
    return audit is not None and current["audit"]["invocation_id"] == audit.dbt.invocation_id


def publishable(paths: Paths) -> Audit:
    """The audit of the working file, which allows publication.

    Raises:
        WarehouseError: it does not; the message says why.
    """
    audit = read_audit(paths)
    if audit is None:
        msg = "there is no audited build to publish: run `warehouse build`"
        raise WarehouseError(msg)
    audit.require_passed()
    if not audit.full:
        msg = "the last build covered selected models only: run `warehouse build` without --select"
        raise WarehouseError(msg)
    if not audit.covers(paths.work_marts):
        msg = f"{paths.work_marts} was changed after its audit: run `warehouse build`"
        raise WarehouseError(msg)
    return audit


def partial(paths: Paths, build_id: str) -> Path:
    """The folder of a build while it is written."""
    return paths.builds / f".{build_id}.partial"


def stage(
    paths: Paths, audit: Audit, *, build_id: str, now: datetime, progress: Progress
) -> dict[str, Any]:
    """Write a build completely, flushed to disk; returns its manifest.

    The audited file is not copied: it is hard-linked.
    """
    folder = partial(paths, build_id)
    folder.mkdir(parents=True)
    link(paths.work_marts, folder / "marts.duckdb")
    manifest = describe(folder, paths, audit, build_id=build_id, now=now, progress=progress)
    write_json(folder / MANIFEST, manifest)
    return manifest


def finalize_build(paths: Paths, build_id: str) -> None:
    """Make the manifest read-only, flush all folders, and rename the build's folder."""
    folder = partial(paths, build_id)
    finalize_file(folder / MANIFEST)
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            sync(path)
    folder.rename(paths.builds / build_id)
    sync(paths.builds)


def copy_previous_pages(paths: Paths, build_id: str) -> None:
    """Keep the pages of the previous build, which show their age, until newer ones are made."""
    for path in (found for pages in PAGES for found in paths.published.glob(pages)):
        target = paths.builds / build_id / path.name
        if path.is_symlink():
            target.symlink_to(path.readlink())
        elif path.is_file():
            link(path, target)
        else:
            shutil.copytree(path, target, copy_function=_link)


def _link(source: str, target: str) -> None:
    link(Path(source), Path(target))


def swap_published_link(paths: Paths, build_id: str) -> None:
    """Replace the link: from now on readers see the build."""
    beside = paths.data / ".published.new"
    remove(beside)
    beside.symlink_to(Path(paths.builds.name) / build_id, target_is_directory=True)
    beside.replace(paths.published)
    sync(paths.data)


def leftovers(paths: Paths) -> list[Path]:
    """What a killed publication left: builds half written, or written and never published."""
    found = [*paths.data.glob(".published.new"), *partial_builds(paths)]
    newest = newest_published(paths)
    # Names follow one another: a build after the newest publication was never published.
    return found + [build for build in kept_builds(paths) if build.name > newest]


def prune_builds(paths: Paths) -> None:
    """Remove leftovers, and published builds beyond the number to retain."""
    for path in leftovers(paths):
        remove(path)
    current = paths.published.resolve()
    for build in kept_builds(paths)[: -paths.keep_builds]:
        # After a rollback it may be the oldest.
        if build.resolve() != current:
            remove(build)
