"""Students from the survey's own files: .sav, .sas7bdat or .csv.

Flow: the needed columns as text -> packages of rows with the file's sha256 and their numbers ->
    what raw lacks -> raw file_students, appended.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.errors import LoadError
from ingestion.core.raw.file_lines import Origin, load_lines, sha256_of
from ingestion.core.raw.store import RawStore
from ingestion.core.source import LoadResult, Request
from ingestion.sources.pisa.source import SOURCE
from ingestion.sources.pisa.survey.cycles import cycle_in_name
from ingestion.sources.pisa.survey.process import reading
from ingestion.sources.pisa.survey.readers import FORM, KINDS, failures_in_one_line, read_csv

# A package: the next one is read while one is written.
ROWS_PER_CHUNK = 122_880
# DuckDB's row group: whole ones are compressed and written once, as they come; parts of one are
# written to its log first, and again at each checkpoint.
ROWS_PER_PACKAGE = 122_880
# Weights have thousands of different texts: looking for repeated ones costs a third of the writing.
# A row group is written by one thread, and the other core reads the file.
WRITING = """
set global disabled_compression_methods = 'dictionary,dict_fsst';
set memory_limit = '320MB';
set threads = 1;
"""


def load_file(request: Request, file: Path) -> LoadResult:
    """Load a file's students into raw; rows that were loaded before are left out.

    Raises:
        LoadError: the file cannot be read, or lacks a column; names what is wrong.
    """
    kind = file.suffix.lower()
    if kind not in (".csv", *KINDS):
        msg = f"{file.name} is of an unknown kind: give {FORM}"
        raise LoadError(msg)
    with (
        failures_in_one_line(file),
        request.progress.task("students of the file", unit="students") as task,
        ExitStack() as stack,
    ):
        # The file's end is hashed while its beginning is read.
        chunks: Iterator[pa.Table] = (
            read_csv(file) if kind == ".csv" else stack.enter_context(reading(file, ROWS_PER_CHUNK))
        )
        sha256 = sha256_of(file)
        # The columns are checked before anything is made.
        first = next(chunks, None)
        if first is None:
            msg = f"{file.name} has no students: nothing was loaded"
            raise LoadError(msg)
        raw = stack.enter_context(RawStore.for_request(request))
        raw.make_tables()
        raw.connection.execute(WRITING)
        origin = Origin(SOURCE, "file_students", file.name, sha256)
        # A CSV file's first line is its header.
        packages = _numbered(_packages(chain([first], chunks)), 2 if kind == ".csv" else 1)
        return load_lines(raw, origin, _with_cycle(packages, file.name), task)


def _with_cycle(packages: Iterable[pa.Table], file_name: str) -> Iterator[pa.Table]:
    """Yield packages with the cycle that the file's name gives."""
    cycle = cycle_in_name(file_name)
    text = pa.scalar(str(cycle) if cycle else None, pa.string())
    for package in packages:
        yield package.append_column("file_cycle", pa.repeat(text, package.num_rows))
        del package


def _numbered(packages: Iterable[pa.Table], number: int) -> Iterator[pa.Table]:
    """Yield packages with the numbers of their lines, of which the first is given."""
    for package in packages:
        following = number + package.num_rows
        numbers = pc.cast(pa.array(range(number, following)), pa.string())
        yield package.append_column("line_number", numbers)
        del package
        number = following


def _packages(chunks: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the same rows in tables of `ROWS_PER_PACKAGE`; the last one may have fewer."""
    gathered: list[pa.Table] = []
    for chunk in chunks:
        gathered.append(chunk)
        rows = sum(part.num_rows for part in gathered)
        while rows >= ROWS_PER_PACKAGE:
            whole = pa.concat_tables(gathered)
            package, gathered = whole.slice(0, ROWS_PER_PACKAGE), [whole.slice(ROWS_PER_PACKAGE)]
            rows -= ROWS_PER_PACKAGE
            del chunk, whole
            yield package
            del package
    if any(part.num_rows for part in gathered):
        yield pa.concat_tables(gathered)
