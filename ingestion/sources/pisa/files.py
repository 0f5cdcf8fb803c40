"""Students from the survey's own files: .sav, .sas7bdat or .csv.

Flow: a chunk of the needed columns -> Arrow table of text, with the file's sha256 and the row's
    number -> what raw lacks -> raw file_students.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyreadstat
from pyarrow import csv as pacsv

from ingestion.errors import LoadError
from ingestion.progress import Progress
from ingestion.raw_store import RawStore
from ingestion.sources.pisa.tables import RAW_TABLES, SCHEMA, SOURCE, STUDENT, STUDENT_KEY
from ingestion.sources.results import LoadResult

# Each chunk of a packed file is found by reading from the beginning: few of them.
ROWS_A_CHUNK = 100_000
BYTES_A_BLOCK = 16_000_000
TABLE = RAW_TABLES["file_students"]
READABLE = [name for name in TABLE.columns if name not in (*STUDENT_KEY, "file_name")]
KINDS: Mapping[str, Callable[..., Any]] = {
    ".sav": pyreadstat.read_sav,
    ".sas7bdat": pyreadstat.read_sas7bdat,
}
FORM = "a .sav, .sas7bdat or .csv file of students"


def load_file(data_dir: Path, file: Path, progress: Progress) -> LoadResult:
    """Load a file's students into raw; rows that are held already are left out.

    Raises:
        LoadError: the file cannot be read, or lacks a column; names what is wrong.
    """
    kind = file.suffix.lower()
    if kind not in (".csv", *KINDS):
        msg = f"{file.name} is of no kind that is known: give {FORM}"
        raise LoadError(msg)
    try:
        with file.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        chunks = _csv(file) if kind == ".csv" else _statistics(file, kind)
        # The columns are checked before anything is made.
        first = next(chunks, None)
        if first is None:
            msg = f"{file.name} has no students: nothing was loaded"
            raise LoadError(msg)
        with RawStore(data_dir, SOURCE, RAW_TABLES) as raw:
            return _load(raw, chain([first], chunks), (sha256, file.name), progress)
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror or error}; give {FORM}"
        raise LoadError(msg) from error
    except (pa.ArrowInvalid, pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        why = " ".join(str(error).split())[:200]
        msg = f"{file.name} is no whole {kind} file ({why}): mend it, then load again"
        raise LoadError(msg) from error


def _load(
    raw: RawStore, chunks: Iterator[pa.Table], names: tuple[str, str], progress: Progress
) -> LoadResult:
    result = LoadResult()
    raw.make_tables()
    sha256, file_name = names
    # A file's first line is its header.
    number = 2 if file_name.lower().endswith(".csv") else 1
    with progress.task("students of the file", unit="students") as task:
        for chunk in chunks:
            for students in _of_size(chunk):
                rows = _as_raw(students, sha256, file_name, number)
                number += rows.num_rows
                new = _new(raw, rows, sha256)
                if new.num_rows:
                    result.load_ids.append(raw.commit({"file_students": [new]}, {}))
                    result.received("file_students", new.num_rows)
                task.advance(rows.num_rows)
    if not result.rows:
        result.notes.append("Every student of this file was loaded before.")
    return result


def _of_size(chunk: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, chunk.num_rows, ROWS_A_CHUNK):
        yield chunk.slice(start, ROWS_A_CHUNK)


def _as_raw(students: pa.Table, sha256: str, file_name: str, number: int) -> pa.Table:
    rows = students.num_rows
    columns: dict[str, Any] = {
        "file_sha256": pa.repeat(pa.scalar(sha256), rows),
        "line_number": pc.cast(pa.array(range(number, number + rows)), pa.string()),
        "file_name": pa.repeat(pa.scalar(file_name), rows),
    }
    for name in READABLE:
        there = name in students.column_names
        columns[name] = students[name] if there else pa.nulls(rows, pa.string())
    return pa.table(columns)


def _new(raw: RawStore, rows: pa.Table, sha256: str) -> pa.Table:
    raw.connection.register("students", rows)
    try:
        return raw.connection.execute(
            f"""
            select * from students
            where line_number not in (
                select line_number from {SCHEMA}.file_students where file_sha256 = ?
            )
            """,
            [sha256],
        ).to_arrow_table()
    finally:
        raw.connection.unregister("students")


def _csv(file: Path) -> Iterator[pa.Table]:
    """Yield blocks of a CSV file; the needed columns as text, an empty cell as null."""
    options = pacsv.ReadOptions(block_size=BYTES_A_BLOCK, use_threads=False)
    parse = pacsv.ParseOptions(newlines_in_values=True)
    if not file.stat().st_size:
        msg = f"{file.name} is empty: give {FORM}"
        raise LoadError(msg)
    with file.open(encoding="utf-8-sig", newline="", errors="replace") as lines:
        header = pacsv.read_csv(pa.py_buffer(lines.readline().encode())).column_names
    names = _needed(header, file.name)
    convert = pacsv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        include_columns=[*names],
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    with pacsv.open_csv(file, options, parse, convert) as batches:
        for batch in batches:
            if batch.num_rows:
                yield pa.Table.from_batches([batch]).rename_columns([*names.values()])


def _statistics(file: Path, kind: str) -> Iterator[pa.Table]:
    """Yield chunks of a file of SPSS or SAS; numbers as text in their shortest form."""
    _, about = KINDS[kind](str(file), metadataonly=True)
    names = _needed(about.column_names, file.name)
    chunks = pyreadstat.read_file_in_chunks(
        KINDS[kind],
        str(file),
        chunksize=ROWS_A_CHUNK,
        usecols=[*names],
        output_format="dict",
        disable_datetime_conversion=True,
    )
    for values, _ in chunks:
        yield pa.table({names[name]: _text(values[name]) for name in names})


def _text(values: Sequence[Any]) -> pa.Array:
    try:
        return pc.cast(pa.array(values, from_pandas=True), pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        # Numbers beside texts in one column have no Arrow type; as text they keep what they are.
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _needed(there: Sequence[str], file_name: str) -> Mapping[str, str]:
    """Return our names by the file's, whatever their case.

    Raises:
        LoadError: a column that is needed is not there.
    """
    names = {name: name.strip().lower() for name in there}
    names = {name: ours for name, ours in names.items() if ours in READABLE}
    if missing := [name.upper() for name in STUDENT if name not in names.values()]:
        many = "columns" if len(missing) > 1 else "column"
        msg = f"{file_name} has no {many} {', '.join(missing)}: give a file of students"
        raise LoadError(msg)
    if len(set(names.values())) < len(names):
        msg = f"{file_name} has a column twice, in another case: leave one"
        raise LoadError(msg)
    return names
