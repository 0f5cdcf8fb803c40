"""Where the lake is, and how a file gets there: whole, or not at all.

Layout: `<lake>/raw/<schema>/<table>/<load id>.<file id>.parquet`, and beside the tables of a schema
    those of dlt: `_dlt_loads` (a record for each load that ended), `_dlt_pipeline_state` and
    `_dlt_version`.
"""

import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import fsspec
from fsspec.implementations.local import LocalFileSystem

from ingestion.core.errors import LoadError
from ingestion.core.process.disk import sync
from ingestion.core.warehouse_settings import WarehouseSettings, variable

SETTING = variable("lake")
RAW = "raw"
# Beside the schemas: what is being written. Readers of tables never look here.
WRITING = ".writing"


class WholeFiles(LocalFileSystem):  # type: ignore[misc]
    """Local files, each of which appears with its whole content, on the disk, or not at all.

    An object store does this by itself; `LocalFileSystem` would write where readers look.
    """

    # fsspec returns one instance for all folders otherwise.
    cachable = False

    def __init__(self, writing: Path) -> None:
        super().__init__()
        self._writing = writing

    def put_file(self, path1: str, path2: str, callback: Any = None, **_: Any) -> None:
        """Copy a local file into the lake."""
        with self._placed(path2) as temporary:
            shutil.copyfile(path1, temporary)

    def write_text(self, path: str, value: str, encoding: str | None = None, **_: Any) -> None:
        """Write a text file."""
        with self._placed(path) as temporary:
            temporary.write_text(value, encoding=encoding)

    @contextmanager
    def _placed(self, path: str) -> Iterator[Path]:
        """Give a file to write, which takes its place once it is on the disk."""
        target = Path(self._strip_protocol(path))
        # The schema is in the name: one process at a time writes a schema, and clears what a
        # killed one left of it.
        schema = target.relative_to(self._writing.parent).parts[0]
        self._writing.mkdir(parents=True, exist_ok=True)
        temporary = self._writing / f"{schema}-{uuid.uuid4().hex}"
        try:
            yield temporary
            sync(temporary)
            temporary.replace(target)
            sync(target.parent)
        finally:
            temporary.unlink(missing_ok=True)


@dataclass(frozen=True)
class Lake:
    """A lake.

    Attributes:
        url: the absolute path of its folder, or its place in an object store, as `s3://bucket/path`.
    """

    url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self | None:
        """Return the lake that the setting names; None where it names none.

        Raises:
            WarehouseError: the setting's value cannot be used.
        """
        url = WarehouseSettings.from_env(env, "lake").lake
        return cls(url) if url else None

    @property
    def is_local(self) -> bool:
        """Whether it is a folder."""
        return "://" not in self.url

    @property
    def raw(self) -> str:
        """The URL of the folder of raw's schemas."""
        return f"{self.url}/{RAW}"

    @cached_property
    def files(self) -> Any:
        """What lists, reads and writes its files, as fsspec does.

        Raises:
            LoadError: the package that speaks to this kind of object store is missing.
        """
        if self.is_local:
            return WholeFiles(Path(self.raw, WRITING))
        try:
            # What another process wrote is there at once.
            return fsspec.filesystem(self.url.partition("://")[0], use_listings_cache=False)
        except ImportError:
            msg = f"{SETTING} is {self.url}, which needs s3fs: pip install s3fs"
            raise LoadError(msg) from None

    def path(self, *parts: str) -> str:
        """Return the path below the folder of raw, as `files` takes it."""
        path: str = self.files._strip_protocol("/".join((self.raw, *parts)))
        return path

    def names(self, *parts: str) -> list[str]:
        """Return the names of the files of a folder below raw, sorted; none where it is missing."""
        try:
            found = self.files.ls(self.path(*parts), detail=True)
        except FileNotFoundError:
            return []
        return sorted(
            str(each["name"]).rpartition("/")[2] for each in found if each["type"] == "file"
        )

    def schemas(self) -> list[str]:
        """Return the names of raw's schemas that are there, sorted."""
        try:
            found = self.files.ls(self.path(), detail=True)
        except FileNotFoundError:
            return []
        folders = (
            str(each["name"]).rstrip("/").rpartition("/")[2]
            for each in found
            if each["type"] == "directory"
        )
        # dlt makes a second one for what it merges, which stays empty here.
        return sorted(name for name in folders if name[0] != "." and not name.endswith("_staging"))

    def clear_unfinished(self, schema: str) -> None:
        """Delete what a killed process was writing of a schema; nobody can have read it."""
        if self.is_local:
            for left in Path(self.raw, WRITING).glob(f"{schema}-*"):
                left.unlink(missing_ok=True)
