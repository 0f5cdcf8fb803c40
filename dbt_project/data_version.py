"""The version stamp of a data folder: which layout its files have, and whose they are.

`warehouse.json` is written by the first run. A folder without one, from before there was a stamp,
has the layout of version 1: it is stamped by the next run, and nothing else changes.
"""

from uuid import uuid4

from dbt_project.files import read_json, write_json
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError

VERSION = 1


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
    if paths.stamp.exists():
        require_version((read_json(paths.stamp) or {}).get("version"), f"{paths.data}")


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
