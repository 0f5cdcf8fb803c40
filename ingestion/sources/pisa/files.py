"""Students from the survey's own files: .sav, .sas7bdat or .csv.

Flow: the needed columns as text -> packages of rows with the file's sha256 and their numbers ->
    what raw lacks -> raw file_students, appended.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.errors import LoadError
from ingestion.core.progress import Task
from ingestion.core.raw_store import RawStore
from ingestion.core.source import LoadResult, Request
from ingestion.sources.pisa.columns import STUDENT_COLUMNS
from ingestion.sources.pisa.survey_files import FORM, KINDS, failures_in_one_line, read_csv
from ingestion.sources.pisa.survey_process import reading
from ingestion.sources.pisa.tables import SCHEMA

# A package: the next one is read while one is written.
ROWS_PER_CHUNK = 122_880
# DuckDB's row group: whole ones are compressed and written once, as they come; parts of one are
# written to its log first, and again at each checkpoint.
ROWS_PER_PACKAGE = 122_880
# Weights are told in thousands of texts: looking for repeated ones costs a third of the writing. A
# row group is written by one thread, and the other core reads the file.
WRITING = """
set global disabled_compression_methods = 'dictionary,dict_fsst';
set memory_limit = '320MB';
set threads = 1;
"""


def load_file(request: Request, file: Path) -> LoadResult:
    """Load a file's students into raw; rows that are held already are left out.

    Raises:
        LoadError: the file cannot be read, or lacks a column; names what is wrong.
    """
    kind = file.suffix.lower()
    if kind not in (".csv", *KINDS):
        msg = f"{file.name} is of no kind that is known: give {FORM}"
        raise LoadError(msg)
    with (
        failures_in_one_line(file),
        request.progress.task("students of the file", unit="students") as task,
        ExitStack() as stack,
    ):
        # The file's end is hashed while its beginning is read.
        chunks: Iterator[pa.Table | pa.RecordBatch] = (
            read_csv(file) if kind == ".csv" else stack.enter_context(reading(file, ROWS_PER_CHUNK))
        )
        with file.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        # The columns are checked before anything is made.
        first = next(chunks, None)
        if first is None:
            msg = f"{file.name} has no students: nothing was loaded"
            raise LoadError(msg)
        raw = stack.enter_context(RawStore.for_request(request))
        return _load(raw, _packages(chain([first], chunks)), (sha256, file.name), task)


def _load(
    raw: RawStore, packages: Iterator[pa.Table], names: tuple[str, str], task: Task
) -> LoadResult:
    raw.make_tables()
    raw.connection.execute(WRITING)
    sha256, file_name = names
    # A file's first line is its header.
    number = 2 if file_name.lower().endswith(".csv") else 1
    for students in packages:
        rows = students.num_rows
        new = _new(raw, _as_raw(students, sha256, file_name, number), sha256)
        number += rows
        if new.num_rows:
            # Numbers are unique in a file, and raw holds none of these.
            raw.commit({"file_students": [new]}, {}, only_new={"file_students"})
        # The next package needs the memory.
        del students, new
        pa.default_memory_pool().release_unused()
        task.advance(rows)
    if not raw.result.rows:
        raw.result.notes.append("Every student of this file was loaded before.")
    return raw.result


def _packages(chunks: Iterable[pa.Table | pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield the same rows in tables of `ROWS_PER_PACKAGE`; the last one may have fewer."""
    gathered: list[pa.Table] = []
    for chunk in chunks:
        table = chunk if isinstance(chunk, pa.Table) else pa.Table.from_batches([chunk])
        gathered.append(table)
        rows = sum(part.num_rows for part in gathered)
        while rows >= ROWS_PER_PACKAGE:
            whole = pa.concat_tables(gathered)
            package, gathered = whole.slice(0, ROWS_PER_PACKAGE), [whole.slice(ROWS_PER_PACKAGE)]
            rows -= ROWS_PER_PACKAGE
            del table, whole
            yield package
            del package
    if any(part.num_rows for part in gathered):
        yield pa.concat_tables(gathered)


def _as_raw(students: pa.Table, sha256: str, file_name: str, number: int) -> pa.Table:
    rows = students.num_rows
    columns: dict[str, Any] = {
        "file_sha256": pa.repeat(pa.scalar(sha256), rows),
        "line_number": pc.cast(pa.array(range(number, number + rows)), pa.string()),
        "file_name": pa.repeat(pa.scalar(file_name), rows),
    }
    for name in STUDENT_COLUMNS:
        there = name in students.column_names
        columns[name] = students[name] if there else pa.nulls(rows, pa.string())
    return pa.table(columns)


def _new(raw: RawStore, rows: pa.Table, sha256: str) -> pa.Table:
    """Return the rows that raw lacks; raw is asked for their numbers alone, for rows are wide."""
    raw.connection.register("students", rows.select(["line_number"]))
    try:
        held = raw.connection.execute(
            f"""
            select students.line_number
            from students
            semi join {SCHEMA}.file_students as held
                on students.line_number = held.line_number and held.file_sha256 = ?
            """,
            [sha256],
        ).to_arrow_table()
    finally:
        raw.connection.unregister("students")
    if not held.num_rows:
        return rows
    return rows.filter(pc.invert(pc.is_in(rows["line_number"], held["line_number"])))
