"""The file that dbt builds in: a copy of the published marts, which a publication takes over.

`data/work/marts.duckdb` starts as a copy. A publication links the audited file into the build's
folder, makes the build visible, and removes the first name. So a run copies the marts once.
"""

from typing import Any

import duckdb

from dbt_project.build.audit import read_audit
from dbt_project.build.scope import fingerprint
from dbt_project.files import clone, read_json, remove, write_json
from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from ingestion.core.errors import WarehouseError


def prepare_work(paths: Paths, *, rebuild: bool = False) -> None:
    """Discard the working files and start again from what is published.

    Args:
        paths: of the warehouse.
        rebuild: start empty, also without what models keep in the raw file.

    Raises:
        WarehouseError: nothing was loaded yet.
        OSError: the disk is full, or the folder cannot be written.
    """
    if not paths.raw.exists():
        msg = f"there is nothing to build: {paths.raw} does not exist; load a source first"
        raise WarehouseError(msg)
    remove(paths.audit)
    remove(paths.work)
    if not rebuild:
        begin_work(paths)
        return
    paths.work.mkdir(parents=True)
    duckdb.connect(paths.work_marts).close()
    with duckdb.connect(paths.raw) as connection:
        connection.execute("drop schema if exists intermediate cascade")


def begin_work(paths: Paths) -> None:
    """Start the working file from what is published, completely or not at all.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    paths.work.mkdir(parents=True, exist_ok=True)
    published = paths.published / "marts.duckdb"
    if published.exists():
        beside = paths.work / "marts.duckdb.new"
        clone(published, beside)
        beside.replace(paths.work_marts)
    else:
        duckdb.connect(paths.work_marts).close()


def continue_work(paths: Paths) -> bool:
    """Whether a build of selected models can continue the working file; makes it writable then.

    Not if no build ended, nor if the file was published: a killed publication may have left the
    published file under this name.
    """
    if read_audit(paths) is None or not paths.work_marts.exists():
        return False
    if paths.work_marts.stat().st_nlink > 1:
        return False
    # A publication that failed may have made it read-only.
    paths.work_marts.chmod(0o600)
    return True


def begin_history(paths: Paths, *, rebuild: bool) -> None:
    """Record that the working file takes a history in increments: a killed build continues it."""
    write_json(paths.history, _history(paths, rebuild=rebuild))


def continue_history(paths: Paths, *, rebuild: bool) -> bool:
    """Whether a killed build left a part of the same history in the working file.

    Each increment leaves complete tables, which show which loads they have. A build that ended,
    passed or not, is never continued.
    """
    found = read_json(paths.history)
    if found is None or found != _history(paths, rebuild=rebuild):
        return False
    if not paths.work_marts.exists():
        return False
    return read_audit(paths) is None and paths.work_marts.stat().st_nlink == 1


def _history(paths: Paths, *, rebuild: bool) -> dict[str, Any]:
    published = published_manifest(paths) or {}
    return {
        "based_on": published.get("build_id"),
        "project": fingerprint(paths.project),
        "rebuild": rebuild,
    }
