"""Files cut into chunks that are named by their SHA-256 and kept once.

A database of gigabytes of which a load changed some megabytes costs a backup these megabytes, for
DuckDB changes blocks in place. A chunk is read back only if its content has its name.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from dbt_project.files import remove
from ingestion.core.errors import WarehouseError
from ingestion.core.process.disk import sync
from ingestion.core.process.signals import raise_if_stopped

CHUNK_BYTES = 4 * 2**20
PARTIAL = ".partial"


class ChunkStore:
    """The chunks in a folder.

    Attributes:
        new_bytes: of the chunks that were added.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.new_bytes = 0

    def add(self, file: Path, advance: Callable[[int], None]) -> tuple[tuple[str, ...], int]:
        """Keep the content of a file, flushed to disk.

        Args:
            file: which nobody writes meanwhile.
            advance: gets the number of bytes of each chunk.

        Returns:
            The names of its chunks in order, and its bytes.

        Raises:
            OSError: the disk is full, or the folder cannot be written.
        """
        names, size = [], 0
        with file.open("rb") as opened:
            while content := opened.read(CHUNK_BYTES):
                raise_if_stopped()
                names.append(self._keep(content))
                size += len(content)
                advance(len(content))
        return tuple(names), size

    def _keep(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(name + PARTIAL)
            beside.write_bytes(content)
            sync(beside)
            beside.replace(path)
            sync(path.parent)
            self.new_bytes += len(content)
        return name

    def has(self, names: Sequence[str]) -> bool:
        """Whether all of these are kept."""
        return all(self._path(name).exists() for name in names)

    def write(self, names: Sequence[str], target: Path, advance: Callable[[int], None]) -> None:
        """Write a file of these chunks, flushed to disk.

        Raises:
            WarehouseError: a chunk is missing or damaged.
            OSError: the disk is full, or the folder cannot be written.
        """
        with target.open("wb") as opened:
            for name in names:
                raise_if_stopped()
                content = self._read(name)
                opened.write(content)
                advance(len(content))
        sync(target)

    def _read(self, name: str) -> bytes:
        path = self._path(name)
        content = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(content).hexdigest() != name:
            what = "damaged" if path.exists() else "missing"
            msg = f"{path} is {what}: restore an older backup, with --backup, or from another copy"
            raise WarehouseError(msg)
        return content

    def prune(self, used: Collection[str]) -> None:
        """Remove all chunks but these, and what an interrupted backup left."""
        for path in self._kept():
            if path.name not in used:
                remove(path)

    def _kept(self) -> Iterator[Path]:
        return self._folder.glob("??/*")

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name
