"""Describe a build: its tables, their content, and what it was made from."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.audit import Audit
from dbt_project.files import read_json, sha256
from dbt_project.paths import Paths
from ingestion.progress import Progress

NAME = "manifest.json"


def versions(project: Path) -> dict[str, str | None]:
    """The versions that a build depends on; the commit is None outside of a git checkout."""
    return {"warehouse": _commit(project), **engine_versions()}


@cache
def engine_versions() -> dict[str, str]:
    """The versions of what loads and builds."""
    packages = {"dbt": "dbt-core", "dbt_duckdb": "dbt-duckdb", "dlt": "dlt", "duckdb": "duckdb"}
    return {name: version(package) for name, package in packages.items()}


def _commit(project: Path) -> str | None:
    try:
        found = subprocess.run(  # noqa: S603 - no shell, and no text of a user's
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
    """Write the Parquet files of a build and describe it whole.

    Args:
        folder: holds the build's marts.duckdb; gets `parquet/<schema>/<mart>.parquet`.
        paths: where the previous build lies; its unchanged files are linked, not rewritten.
        audit: of the very file that `folder` holds a copy of.
        build_id: the build's name.
        now: the time of publication, UTC.
        progress: shows the rows that are done.

    Returns:
        The manifest.
    """
    database = folder / "marts.duckdb"
    used = versions(paths.project)
    previous = read_json(paths.published / NAME) or {}
    # A hash is comparable only with one of the same DuckDB.
    same_engine = previous.get("versions", {}).get("duckdb") == used["duckdb"]
    known = previous.get("tables", {}) if same_engine else {}
    kept = _kept(audit, previous)
    counts = ("models", "tests", "passed", "failed", "warned", "invocation_id")
    return {
        "build_id": build_id,
        "published_at": now.isoformat(timespec="seconds"),
        "built_at": audit.built_at,
        "project": audit.project,
        "versions": used,
        "database": {
            "path": database.name,
            "sha256": sha256(database),
            "bytes": database.stat().st_size,
        },
        "tables": _export(
            database, paths, audit.dbt.marts, known=known, kept=kept, progress=progress
        ),
        "freshness": audit.sources,
        "audit": {name: getattr(audit.dbt, name) for name in counts} | {"scope": audit.scope},
    }


def _kept(audit: Audit, previous: dict[str, Any]) -> set[str]:
    """The tables that the build took over from the previous one, and did not write."""
    if audit.scope is None or audit.based_on != previous.get("build_id"):
        return set()
    return set(audit.dbt.marts) - set(audit.dbt.built)


def _export(
    database: Path,
    paths: Paths,
    names: Sequence[str],
    *,
    known: dict[str, Any],
    kept: set[str],
    progress: Progress,
) -> dict[str, Any]:
    """Describe each table, and write or link its Parquet file beside the database.

    Args:
        database: the build's file.
        paths: where the previous build lies.
        names: the tables.
        known: what the previous build said of its tables.
        kept: those of which that is true still, without a look at their rows.
        progress: shows the rows that are done.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": os.environ.get("WAREHOUSE_MEMORY_LIMIT") or "768MB",
        "temp_directory": str(paths.work / "spill"),
    }
    tables: dict[str, Any] = {}
    with (
        duckdb.connect(database, read_only=True, config=settings) as connection,
        progress.task("publish") as task,
    ):
        counted = connection.execute("select sum(estimated_size) from duckdb_tables()").fetchone()
        task.total(int(counted[0] or 0) if counted else 0)
        for name in names:
            before = known.get(name, {})
            entry = _described(before) if name in kept and before else _content(connection, name)
            entry["parquet"] = f"parquet/{name.replace('.', '/')}.parquet"
            file = database.parent / entry["parquet"]
            file.parent.mkdir(parents=True, exist_ok=True)
            if not _link(paths.published, file, entry, before):
                connection.table(name).to_parquet(str(file), compression="zstd")
                entry |= {"sha256": sha256(file), "bytes": file.stat().st_size}
            tables[name] = entry
            task.advance(entry["rows"])
    return tables


def _described(before: dict[str, Any]) -> dict[str, Any]:
    return {name: before[name] for name in ("rows", "columns", "content_hash")}


def _content(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, Any]:
    """Rows, columns and a hash that equal content has in whatever order it lies."""
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns()"
        " where schema_name = ? and table_name = ? order by column_index",
        name.split("."),
    ).fetchall()
    row = connection.execute(f"select count(*), sum(hash(mart)) from {name} as mart").fetchone()
    rows, total = row if row else (0, 0)
    return {
        "rows": rows,
        "columns": [{"name": column, "type": kind} for column, kind in columns],
        "content_hash": f"{total or 0:032x}",
    }


def _link(published: Path, file: Path, entry: dict[str, Any], known: dict[str, Any]) -> bool:
    """Link the previous build's file where its content is the same; says whether it did."""
    if any(entry[key] != known.get(key) for key in ("rows", "columns", "content_hash")):
        return False
    try:
        file.hardlink_to(published / known["parquet"])
    except OSError:  # a file system without links, or a file that someone removed
        return False
    entry |= {"sha256": known["sha256"], "bytes": known["bytes"]}
    return True
