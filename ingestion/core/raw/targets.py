"""Where packages go: into raw.duckdb itself, or into a lake that raw.duckdb is a copy of.

The one place that separates the two. A load asks raw.duckdb in either case, and gives its
packages to the store.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from ingestion.core.errors import LoadError
from ingestion.core.lake.destination import LakeDestination
from ingestion.core.lake.origin import require_no_copy
from ingestion.core.lake.replica import Replica
from ingestion.core.raw.destination import RawDestination
from ingestion.core.raw.packages import Package, PackageForm


class Target(Protocol):
    """Where packages go.

    Attributes:
        form: what packages are made as.
    """

    form: PackageForm

    def open(self) -> None:
        """Bring raw.duckdb up to what was written before, and see whether it may be written to.

        Raises:
            LoadError: it may not; says what to do.
        """

    def destination(self) -> Any:
        """Return dlt's destination."""

    def loaded(self, package: Package) -> None:
        """Take note that dlt has loaded a package."""


@dataclass
class RawFile:
    """raw.duckdb itself."""

    connection: duckdb.DuckDBPyConnection
    file: Path
    schema: str
    # Read once, at once.
    form = PackageForm()

    def open(self) -> None:
        """Refuse a copy of a lake: it would have loads that the lake lacks."""
        require_no_copy(self.connection, self.file, self.schema)

    def destination(self) -> RawDestination:
        """Return DuckDB."""
        return RawDestination(self.connection)

    def loaded(self, package: Package) -> None:
        """Do nothing: dlt has written the rows."""


class LakeCopy:
    """A lake, and raw.duckdb after it."""

    # Quick to write and to read; the files stay.
    form = PackageForm(merges=False, compression="zstd", keeps_files=True)

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._destination: LakeDestination | None = None

    def open(self) -> None:
        """Take what the lake has and the copy lacks."""
        self._replica.lake.clear_unfinished(self._replica.schema)
        self._replica.follow()

    def destination(self) -> LakeDestination:
        """Return the lake."""
        self._destination = LakeDestination(self._replica.lake)
        return self._destination

    def loaded(self, package: Package) -> None:
        """Take the package, which is in the lake, into the copy."""
        record = self._destination.last if self._destination else None
        if record is None or record.load_id != package.load_id:
            msg = f"dlt has not recorded load {package.load_id} in the lake"
            raise LoadError(msg)
        files = {name: package.file(name) for name in package.rows}
        self._replica.add(record, files, package.only_new)
        shutil.rmtree(package.folder, ignore_errors=True)
