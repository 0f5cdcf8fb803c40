"""Readings from a file of the form date,hour,shop,sensor_id,count,units.

Flow: CSV -> Arrow table of text, with the file's sha256 and the line -> raw file_readings.
"""

import csv
import hashlib
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO

import pyarrow as pa

from ingestion.core.errors import LoadError
from ingestion.core.progress import Progress
from ingestion.core.raw_store import RawStore
from ingestion.core.source import LoadResult, Request
from ingestion.core.text_csv import column_twice
from ingestion.sources.store_sensors.tables import FILE_COLUMNS, SCHEMA

LINES_A_PACKAGE = 500_000
FORM = ",".join(FILE_COLUMNS)


def load_file(request: Request, file: Path) -> LoadResult:
    """Load a file's readings into raw; lines that are held already are left out.

    Raises:
        LoadError: the file cannot be read, or has not this form; names what is wrong. Nothing
            of a package with a wrong line is loaded.
    """
    try:
        with file.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        with (
            file.open(encoding="utf-8-sig", newline="") as lines,
            RawStore.for_request(request) as raw,
        ):
            return _load(raw, _tables(lines, file.name, sha256), sha256, request.progress)
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}; give a file of the form {FORM}"
        raise LoadError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{file.name} is not UTF-8 (byte {error.start}): save it as UTF-8, then load again"
        raise LoadError(msg) from error


def _load(raw: RawStore, tables: Iterator[pa.Table], sha256: str, progress: Progress) -> LoadResult:
    # The header is checked before anything is made.
    first = next(tables)
    raw.make_tables()
    with progress.task("readings of the file", unit="readings") as task:
        for lines in chain([first], tables):
            new = raw.connection.execute(
                f"""
                select * from lines
                where line_number not in (
                    select line_number from {SCHEMA}.file_readings where file_sha256 = ?
                )
                """,
                [sha256],
            ).to_arrow_table()
            if new.num_rows:
                raw.commit({"file_readings": [new]}, {})
            task.advance(lines.num_rows)
    if not raw.result.rows:
        raw.result.notes.append("Every line of this file was loaded before.")
    return raw.result


def _tables(lines: IO[str], file_name: str, sha256: str) -> Iterator[pa.Table]:
    """Yield the lines as raw rows, some hundred thousand at a time.

    Raises:
        LoadError: the header lacks a column, a line has another number of cells, or there is none.
    """
    reader = csv.reader(lines)
    try:
        header = next(reader, [])
        missing = [name for name in FILE_COLUMNS if name not in header]
        if missing:
            what = f"has no column {', '.join(missing)}" if header else "is empty"
            msg = f"{file_name} {what}: give a file of the form {FORM}"
            raise LoadError(msg)
        if (twice := column_twice(header)) is not None:
            msg = f"{file_name} has column {twice!r} twice: leave one"
            raise LoadError(msg)
        at = [header.index(name) for name in FILE_COLUMNS]
        numbered = _numbered(reader, len(header), file_name)
        is_first = True
        while (chunk := list(islice(numbered, LINES_A_PACKAGE))) or is_first:
            if not chunk:
                msg = f"{file_name} has a header and no readings: nothing was loaded"
                raise LoadError(msg)
            is_first = False
            columns = {
                "file_sha256": [sha256] * len(chunk),
                "line_number": [str(number) for number, _ in chunk],
                "file_name": [file_name] * len(chunk),
            }
            for name, n in zip(FILE_COLUMNS, at, strict=True):
                columns[name] = [cells[n] for _, cells in chunk]
            yield pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    except csv.Error as error:
        msg = f"{file_name}, line {reader.line_num}: no CSV ({error}); mend the file"
        raise LoadError(msg) from error


def _numbered(
    reader: Iterator[list[str]], width: int, file_name: str
) -> Iterator[tuple[int, list[str]]]:
    for cells in reader:
        number: int = reader.line_num  # type: ignore[attr-defined]
        if cells and len(cells) != width:
            msg = (
                f"{file_name}, line {number}: {len(cells)} cells where the header has {width}; "
                "mend the line, then load again"
            )
            raise LoadError(msg)
        if cells:
            yield number, cells
