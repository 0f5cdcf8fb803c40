"""Readings from a file of the form date,hour,shop,sensor_id,count,units.

Flow: CSV -> Arrow table of text, with the file's sha256 and the line -> raw file_readings.
"""

import csv
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO

import pyarrow as pa

from ingestion.core.errors import LoadError
from ingestion.core.fetching.text_csv import column_twice
from ingestion.core.raw.file_lines import Origin, load_lines, sha256_of
from ingestion.core.raw.store import RawStore
from ingestion.core.raw.text_tables import text_columns
from ingestion.core.source import LoadResult, Request
from ingestion.sources.store_sensors.source import SOURCE
from ingestion.sources.store_sensors.tables import FILE_COLUMNS

LINES_PER_PACKAGE = 500_000
FORM = ",".join(FILE_COLUMNS)


def load_file(request: Request, file: Path) -> LoadResult:
    """Load a file's readings into raw; lines that were loaded before are left out.

    Raises:
        LoadError: the file cannot be read, or does not have this form; names what is wrong. Nothing
            of a package with a wrong line is loaded.
    """
    try:
        sha256 = sha256_of(file)
        with (
            file.open(encoding="utf-8-sig", newline="") as lines,
            request.progress.task("readings of the file", unit="readings") as task,
        ):
            packages = _packages(lines, file.name)
            # The header is checked before anything is made.
            first = next(packages)
            with RawStore.for_request(request) as raw:
                raw.make_tables()
                origin = Origin(SOURCE, "file_readings", file.name, sha256)
                return load_lines(raw, origin, chain([first], packages), task)
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}; give a file of the form {FORM}"
        raise LoadError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{file.name} is not UTF-8 (byte {error.start}): save it as UTF-8, then load again"
        raise LoadError(msg) from error


def _packages(lines: IO[str], file_name: str) -> Iterator[pa.Table]:
    """Yield the lines with their numbers, some hundred thousand at a time.

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
        while (chunk := list(islice(numbered, LINES_PER_PACKAGE))) or is_first:
            if not chunk:
                msg = f"{file_name} has a header and no readings: nothing was loaded"
                raise LoadError(msg)
            is_first = False
            columns = {
                name: [cells[n] for _, cells in chunk]
                for name, n in zip(FILE_COLUMNS, at, strict=True)
            }
            yield text_columns(line_number=[str(number) for number, _ in chunk], **columns)
    except csv.Error as error:
        msg = f"{file_name}, line {reader.line_num}: not CSV ({error}); fix the file"
        raise LoadError(msg) from error


def _numbered(
    reader: Iterator[list[str]], width: int, file_name: str
) -> Iterator[tuple[int, list[str]]]:
    for cells in reader:
        number: int = reader.line_num  # type: ignore[attr-defined]
        if cells and len(cells) != width:
            msg = (
                f"{file_name}, line {number}: {len(cells)} cells where the header has {width}; "
                "fix the line, then load again"
            )
            raise LoadError(msg)
        if cells:
            yield number, cells
