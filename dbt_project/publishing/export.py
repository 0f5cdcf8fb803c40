"""Write the Parquet files of a build; those of unchanged rows are links to the previous ones.

A table is one file, `parquet/<schema>/<table>.parquet`, or one for each period of its partition,
`parquet/<schema>/<table>/<period>.parquet`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.files import finalize_file, link, sha256
from dbt_project.publishing.content import Columns, Part, hash_text, read_columns, read_parts
from dbt_project.publishing.partitions import Partition
from ingestion.core.errors import WarehouseError
from ingestion.core.memory import MB, size_text
from ingestion.core.raw.sql import literal

# Reading a table once and writing parts of it needs little memory, however large it is; of a larger
# limit a table may use a share.
ENOUGH_MEMORY, SHARE = 256 * MB, 4
WORKERS = 2

Entry = dict[str, Any]


@dataclass(frozen=True)
class Previous:
    """The publication that readers see now.

    Attributes:
        folder: where it is.
        tables: their entries in its manifest; none if hashes are not comparable.
        kept: those that the build took over unchanged: their entries are still true, without
            reading their rows.
    """

    folder: Path
    tables: Mapping[str, Entry]
    kept: frozenset[str]


@contextmanager
def open_for_export(database: Path, spill: Path, limit: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a file to read all of it, within a quarter of the memory limit or what is enough.

    Args:
        database: a DuckDB file.
        spill: a folder for what does not fit in memory.
        limit: of the memory setting, in bytes.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": size_text(max(limit // SHARE, min(limit, ENOUGH_MEMORY))),
        "temp_directory": str(spill),
        "threads": WORKERS,
    }
    with duckdb.connect(database, read_only=True, config=settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


class Export:
    """Writes the Parquet files of one build.

    Args:
        connection: to the build's database; see `open_for_export`.
        folder: of the build.
        previous: whose files are linked where they have the same rows.
        pool: writes files while the next table is read.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: Path,
        previous: Previous,
        pool: ThreadPoolExecutor,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._previous = previous
        self._pool = pool

    def estimated_rows(self) -> int:
        """The estimated number of rows in the file."""
        found = self._connection.execute("select sum(estimated_size) from duckdb_tables()")
        return int(found.fetchall()[0][0] or 0)

    def add(self, name: str, partition: Partition | None) -> Callable[[], Entry]:
        """Start to write the files of a table.

        Args:
            name: of the table, `schema.name`.
            partition: how its files are divided; None for a single one.

        Returns:
            A function that waits for the files, and returns the entry of the table in the manifest:
            `rows`, `columns`, `content_hash`, `parquet` (a path, or a pattern for all files) and
            `bytes`; of a single file `sha256`, of several `partition` and `parts`: `rows`,
            `content_hash`, `sha256` and `bytes` of each, by period.
        """
        base = Path("parquet", *name.split("."))
        before = self._previous.tables.get(name, {})
        known = self._files(base, before, partition)
        if name in self._previous.kept and known and None not in known.values():
            columns, parts = before["columns"], _parts_in(before)
        else:
            columns = read_columns(self._connection, name)
            parts = read_parts(self._connection, name, columns, partition)
            known = known if before.get("columns") == columns else {}
        (self._folder / (base if partition else base.parent)).mkdir(parents=True, exist_ok=True)
        files = [self._file(name, base, part, known.get(part.name)) for part in parts]

        def entry() -> Entry:
            return _entry(base, columns, parts, [file() for file in files], partition)

        return entry

    def _files(
        self, base: Path, before: Entry, partition: Partition | None
    ) -> dict[str | None, Entry | None]:
        """The entries of the files of a table in the previous manifest, by period.

        None for a file that was removed; nothing if the files were divided differently.
        """
        if before.get("partition") != (asdict(partition) if partition else None):
            return {}
        return {
            name: file if (self._previous.folder / _path(base, name)).is_file() else None
            for name, file in _files_in(before).items()
        }

    def _file(self, name: str, base: Path, part: Part, known: Entry | None) -> Callable[[], Entry]:
        """Link the file of a part if it has the same rows; otherwise start to write it."""
        path = _path(base, part.name)
        file = self._folder / path
        same = {"rows": part.rows, "content_hash": part.content_hash}
        if known and same == {key: known[key] for key in same}:
            link(self._previous.folder / path, file)
            return lambda: same | _checksum(known)
        written: Future[Entry] = self._pool.submit(self._write, name, part, file)
        return lambda: same | written.result()

    def _write(self, name: str, part: Part, file: Path) -> Entry:
        """Write a file, flushed to disk; returns its checksum and size."""
        with self._connection.cursor() as cursor:
            cursor.execute("set TimeZone = 'UTC'")
            query = f"select * from {name} where {part.condition}"
            found = cursor.execute(
                f"copy ({query}) to {literal(str(file))} (format parquet, compression zstd)"
            )
            (rows,) = found.fetchall()[0]
        if rows != part.rows:
            msg = f"{name} has {part.rows} rows of {part.name or 'all'}, but {rows} were written"
            raise WarehouseError(msg)
        finalize_file(file)
        return {"sha256": sha256(file), "bytes": file.stat().st_size}


def _path(base: Path, part: str | None) -> Path:
    """The path of a part, in the folder of a build."""
    return base / f"{part}.parquet" if part else base.with_name(f"{base.name}.parquet")


def _files_in(entry: Entry) -> dict[str | None, Entry]:
    """The entries of the files of a table in a manifest, by period."""
    if not entry:
        return {}
    parts: dict[str | None, Entry] = entry.get("parts", {None: entry})
    return parts


def _parts_in(entry: Entry) -> Sequence[Part]:
    """The parts of a table according to a manifest."""
    return [
        Part(name, file["rows"], int(file["content_hash"], 16))
        for name, file in _files_in(entry).items()
    ]


def _entry(
    base: Path,
    columns: Columns,
    parts: Sequence[Part],
    files: Sequence[Entry],
    partition: Partition | None,
) -> Entry:
    entry: Entry = {
        "rows": sum(part.rows for part in parts),
        "columns": columns,
        "content_hash": hash_text(sum(part.total for part in parts)),
    }
    if partition is None:
        return entry | {"parquet": f"{base}.parquet"} | _checksum(files[0])
    return entry | {
        "parquet": f"{base}/*.parquet",
        "bytes": sum(file["bytes"] for file in files),
        "partition": asdict(partition),
        "parts": {part.name: file for part, file in zip(parts, files, strict=True)},
    }


def _checksum(file: Entry) -> Entry:
    return {key: file[key] for key in ("sha256", "bytes")}
