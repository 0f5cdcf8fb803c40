"""Describe a build: its tables, their content, and what it was built from."""

import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dbt_project.build.audit import Audit
from dbt_project.files import finalize_file, sha256
from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from dbt_project.publishing.data_status import (
    how_much_is_made_up,
    made_up_notice,
    read_data_status,
)
from dbt_project.publishing.export import WORKERS, Export, Previous, open_for_export
from dbt_project.publishing.keys import Keys, read_keys
from dbt_project.publishing.partitions import Partition, read_partitions
from ingestion.core.memory import memory_limit
from ingestion.core.progress import Progress, Task


def versions(project: Path) -> dict[str, str | None]:
    """The versions that a build depends on; the commit is None outside a git checkout."""
    return {"warehouse": _commit(project), **engine_versions()}


@cache
def engine_versions() -> dict[str, str]:
    """The versions of the packages that load and build."""
    packages = {"dbt": "dbt-core", "dbt_duckdb": "dbt-duckdb", "dlt": "dlt", "duckdb": "duckdb"}
    return {name: version(package) for name, package in packages.items()}


def _commit(project: Path) -> str | None:
    try:
        found = subprocess.run(  # noqa: S603 - no shell, and no user input
            ["git", "-C", str(project), "rev-parse", "HEAD"],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return found.stdout.strip() if found.returncode == 0 else None


def describe(
    folder: Path, paths: Paths, audit: Audit, *, build_id: str, now: datetime, progress: Progress
) -> dict[str, Any]:
    """Write the Parquet files of a build and describe it completely.

    Args:
        folder: has the build's marts.duckdb; gets the Parquet files, see `export`.
        paths: where the previous build is; its unchanged files are linked, not rewritten.
        audit: of the file in `folder`.
        build_id: the build's name.
        now: the time of publication, UTC.
        progress: shows the rows that are done.

    Returns:
        The manifest. All files that it names are flushed to disk, and read-only.

    Raises:
        WarehouseError: the memory setting, or the partition of a model, is invalid.
    """
    database = folder / "marts.duckdb"
    used = versions(paths.project)
    previous = _previous(paths, audit, used["duckdb"])
    counts = ("models", "tests", "passed", "failed", "warned", "invocation_id")
    with ThreadPoolExecutor(WORKERS) as pool:
        checksum = pool.submit(_checksum, database)
        with (
            open_for_export(database, paths.work / "spill", memory_limit(os.environ)) as connection,
            progress.task("publish") as task,
        ):
            export = Export(connection, folder, previous, pool)
            sources = read_data_status(connection, audit.dbt.marts)
            tables = _export(export, audit.dbt.marts, read_partitions(paths.project), task)
            _add_keys(tables, read_keys(paths.project))
        return {
            "build_id": build_id,
            "published_at": now.isoformat(timespec="seconds"),
            "built_at": audit.built_at,
            "made_up": how_much_is_made_up(sources),
            "made_up_notice": made_up_notice(sources),
            "sources": sources,
            "project": audit.project,
            "versions": used,
            "database": {"path": database.name} | checksum.result(),
            "tables": tables,
            "freshness": audit.sources,
            "audit": {name: getattr(audit.dbt, name) for name in counts} | {"scope": audit.scope},
        }


def _checksum(database: Path) -> dict[str, Any]:
    finalize_file(database)
    return {"sha256": sha256(database), "bytes": database.stat().st_size}


def _previous(paths: Paths, audit: Audit, engine: str | None) -> Previous:
    """What a build can take over from the published one."""
    manifest = published_manifest(paths) or {}
    same_engine = manifest.get("versions", {}).get("duckdb") == engine
    # In a build of selected sources the other tables are still those that it started with.
    is_base = audit.scope is not None and audit.based_on == manifest.get("build_id")
    return Previous(
        paths.published,
        tables=manifest.get("tables", {}) if same_engine else {},
        kept=frozenset(audit.dbt.marts).difference(audit.dbt.built) if is_base else frozenset(),
    )


def _export(
    export: Export, names: Sequence[str], partitions: dict[str, Partition], task: Task
) -> dict[str, Any]:
    """Write or link the Parquet files of tables; returns their entries in the manifest."""
    task.total(export.estimated_rows())
    begun = {name: export.add(name, partitions.get(name.partition(".")[2])) for name in names}
    tables = {}
    for name, entry in begun.items():
        tables[name] = entry()
        task.advance(tables[name]["rows"])
    return tables


def _add_keys(tables: dict[str, Any], keys: dict[str, Keys]) -> None:
    """Add to the entries of tables: `key` and `unique` (columns), `references` by column."""
    published = {name.partition(".")[2]: name for name in tables}
    for model, name in published.items():
        found = keys.get(model, Keys())
        tables[name] |= {
            "key": found.key,
            "unique": found.unique,
            # What a column refers to may be private to the pipeline.
            "references": {
                column: {"table": published[other], "column": field}
                for column, (other, field) in found.references.items()
                if other in published
            },
        }
