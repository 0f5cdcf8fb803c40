"""A folder of backups of one warehouse: `backup.json`, `backups/`, `chunks/`.

A backup is a list of files and their chunks, and is there once its list is: what an interrupted one
left are chunks that no list names, which the next backup uses or removes.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dbt_project.backups.chunks import ChunkStore
from dbt_project.data_version import VERSION, require_version
from dbt_project.files import OWN, file_lock, read_json, remove, umask, write_json
from ingestion.core.errors import WarehouseError

MARK, LISTS, CHUNKS, LOCK = "backup.json", "backups", "chunks", ".lock"


@dataclass(frozen=True)
class StoredFile:
    """A file of a backup.

    Attributes:
        path: in the data folder.
        size: bytes.
        mode: its permissions.
        modified_ns: when it was last changed.
        chunks: their names, in order.
    """

    path: str
    size: int
    mode: int
    modified_ns: int
    chunks: tuple[str, ...]


@dataclass(frozen=True)
class Backup:
    """A backup.

    Attributes:
        name: by its time, UTC; names sort by time.
        published: the build that readers saw; None where nothing was published.
        files: of the data folder.
    """

    name: str
    published: str | None
    files: tuple[StoredFile, ...]


class Repository:
    """The backups in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self.chunks = ChunkStore(self.folder / CHUNKS)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other backups out; files are for the user alone."""
        busy = f"{self.folder} is in use by another backup: wait until it has finished"
        with (
            umask(OWN),
            file_lock(self.folder / LOCK, busy=lambda: busy, advice="name another folder"),
        ):
            yield

    def require_free(self) -> None:
        """Refuse a folder that has something else than backups.

        Raises:
            WarehouseError: it has.
        """
        if (self.folder / MARK).exists() or not self.folder.exists():
            return
        others = {path.name for path in self.folder.iterdir()} - {LOCK, f".{MARK}.new"}
        if others:
            msg = (
                f"{self.folder} has other files ({min(others)}): name an empty or new folder for "
                "backups"
            )
            raise WarehouseError(msg)

    def begin(self, warehouse: str) -> None:
        """Begin a folder of backups, or continue one of the same warehouse.

        Raises:
            WarehouseError: the folder has those of another one.
        """
        found = read_json(self.folder / MARK)
        if found is None:
            write_json(self.folder / MARK, {"version": VERSION, "warehouse": warehouse})
            return
        require_version(found.get("version"), str(self.folder))
        if found.get("warehouse") != warehouse:
            msg = f"{self.folder} has backups of another warehouse: use another folder"
            raise WarehouseError(msg)

    def require_backups(self) -> str:
        """Return the id of the warehouse whose backups are here.

        Raises:
            WarehouseError: there are none, or of another layout.
        """
        found = read_json(self.folder / MARK)
        if found is None or not self.names():
            msg = f"{self.folder} has no backup: name the folder that `warehouse backup` wrote to"
            raise WarehouseError(msg)
        require_version(found.get("version"), str(self.folder))
        return str(found["warehouse"])

    def names(self) -> list[str]:
        """The backups, oldest first."""
        return sorted(path.stem for path in (self.folder / LISTS).glob("[!.]*.json"))

    def read(self, name: str) -> Backup:
        """Return a backup.

        Raises:
            WarehouseError: it is not there, or its list is damaged.
        """
        if name not in self.names():
            msg = f"{name!r} is not a backup of {self.folder}; use one of: {self._listed()}"
            raise WarehouseError(msg)
        path = self.folder / LISTS / f"{name}.json"
        found = read_json(path) or {}
        if found.get("sha256") != _digest(found.get("backup")):
            msg = f"{path} is damaged: restore another backup, with --backup"
            raise WarehouseError(msg)
        content = found["backup"]
        files = (
            StoredFile(**{**file, "chunks": tuple(file["chunks"])}) for file in content["files"]
        )
        return Backup(content["name"], content["published"], tuple(files))

    def _listed(self) -> str:
        return ", ".join(self.names()) or "none"

    def add(self, backup: Backup) -> None:
        """Keep a backup whose chunks are kept."""
        (self.folder / LISTS).mkdir(exist_ok=True)
        content = json.loads(json.dumps(asdict(backup)))
        path = self.folder / LISTS / f"{backup.name}.json"
        write_json(path, {"sha256": _digest(content), "backup": content})

    def prune(self, keep: int | None) -> None:
        """Remove all but the newest backups, and chunks that none uses."""
        for name in self.names()[:-keep] if keep else ():
            remove(self.folder / LISTS / f"{name}.json")
        backups = [self.read(name) for name in self.names()]
        self.chunks.prune({c for backup in backups for file in backup.files for c in file.chunks})


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
