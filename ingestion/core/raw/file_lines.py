"""Files that people download: each line is loaded once, by the file's hash and its number."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.progress import Task
from ingestion.core.raw.loaded_rows import LoadedRows
from ingestion.core.raw.store import RawStore
from ingestion.core.source import LoadResult, Source


def sha256_of(file: Path) -> str:
    """Return the hash of a file's content."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@dataclass(frozen=True)
class Origin:
    """Where lines come from, and go to.

    Attributes:
        source: whose file it is.
        table: the raw table; its key is `file_sha256`, `line_number`.
        file_name: kept with each line.
        sha256: the file's hash.
    """

    source: Source
    table: str
    file_name: str
    sha256: str


def load_lines(
    raw: RawStore, origin: Origin, packages: Iterable[pa.Table], task: Task
) -> LoadResult:
    """Load the lines of a file that raw lacks.

    Args:
        raw: the raw database, with its tables.
        origin: of the lines.
        packages: lines as text with `line_number`, each number once; a column that is missing is
            null.
        task: counts the lines.
    """
    for lines in packages:
        count = lines.num_rows
        new = _new_lines(LoadedRows(raw.connection, origin.source), origin, lines)
        del lines
        if new.num_rows:
            raw.commit({origin.table: [_as_raw(new, origin)]}, {}, only_new={origin.table})
        # The next package needs the memory.
        del new
        pa.default_memory_pool().release_unused()
        task.advance(count)
    if not raw.result.rows:
        raw.result.notes.append("Every line of this file was loaded before.")
    return raw.result


def _new_lines(loaded: LoadedRows, origin: Origin, lines: pa.Table) -> pa.Table:
    """Return the lines that raw lacks; raw is asked for their numbers alone, for rows are wide."""
    known = loaded.table(
        "select numbers.line_number from numbers "
        f"semi join {origin.source.schema}.{origin.table} as loaded "
        "on numbers.line_number = loaded.line_number and loaded.file_sha256 = ?",
        [origin.sha256],
        numbers=lines.select(["line_number"]),
    )
    if not known.num_rows:
        return lines
    return lines.filter(pc.invert(pc.is_in(lines["line_number"], known["line_number"])))


def _as_raw(lines: pa.Table, origin: Origin) -> pa.Table:
    texts = {"file_sha256": origin.sha256, "file_name": origin.file_name}
    return pa.table(
        {
            name: lines[name]
            if name in lines.column_names
            else pa.repeat(pa.scalar(texts.get(name), pa.string()), lines.num_rows)
            for name in origin.source.tables[origin.table].columns
        }
    )
