"""The version stamp of a data folder: which layout its files have, and whose they are.

`warehouse.json` is written by the first run. A folder without one, from before there was a stamp,
has the layout of version 1: it is stamped by the next run, and nothing else changes.
"""

from pathlib import Path
from uuid import uuid4

from dbt_project.files import read_json, write_json
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError

VERSION = 1
# What a DuckDB file begins with, after a checksum.
MAGIC_AT, MAGIC = 8, b"DUCK"


def require_usable(paths: Paths) -> None:
    """Refuse a data folder that this version cannot read, or whose restoration was interrupted.

    Raises:
        WarehouseError: says which, and what to do.
    """
    if paths.restoring.exists():
        msg = (
            f"{paths.data} is half restored: run `warehouse restore` again, which starts over, "
            "before anything else"
        )
        raise WarehouseError(msg)
    _require_ours(paths)
    if paths.stamp.exists():
        require_version((read_json(paths.stamp) or {}).get("version"), f"{paths.data}")


def _require_ours(paths: Paths) -> None:
    """Refuse what something else put where a file of the warehouse belongs.

    Raises:
        WarehouseError: names the file, and says what to do.
    """
    if paths.data.exists() and not paths.data.is_dir():
        msg = f"cannot write to {paths.data}: it is not a folder; set WAREHOUSE_DATA_DIR to one"
        raise WarehouseError(msg)
    if paths.raw.is_dir() or (paths.raw.is_file() and not _is_database(paths.raw)):
        msg = (
            f"{paths.raw} is not a DuckDB database: move it away, then restore a backup or load "
            "again"
        )
        raise WarehouseError(msg)
    if paths.published.exists() and not paths.published.is_symlink():
        msg = f"{paths.published} is not a publication's link: move it away, then publish"
        raise WarehouseError(msg)


def _is_database(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            head = opened.read(MAGIC_AT + len(MAGIC))
    except PermissionError:
        # Who may not read it learns that from what reads it.
        return True
    return not head or head[MAGIC_AT:] == MAGIC


def require_version(version: object, what: str) -> None:
    """Refuse files of another layout.

    Args:
        version: of the layout.
        what: the files, for the message.

    Raises:
        WarehouseError: it is an older or a newer one.
    """
    if not isinstance(version, int):
        msg = f"the version stamp of {what} cannot be read: restore a backup"
        raise WarehouseError(msg)
    if version > VERSION:
        msg = (
            f"{what} has layout {version} of a newer warehouse, and this one reads {VERSION}: "
            "update this installation, or use another data folder"
        )
        raise WarehouseError(msg)
    if version < VERSION:
        msg = (
            f"{what} has layout {version} of an older warehouse, and this one reads {VERSION}: "
            "use the installation that wrote it, or load into another data folder"
        )
        raise WarehouseError(msg)


def stamp(paths: Paths) -> str:
    """Stamp a data folder that is not stamped; the caller has locked it.

    Returns:
        The id of the warehouse, which its backups carry.

    Raises:
        WarehouseError: it has another layout.
    """
    require_usable(paths)
    if not paths.stamp.exists():
        write_json(paths.stamp, {"version": VERSION, "id": uuid4().hex})
    return str((read_json(paths.stamp) or {}).get("id"))
