"""Students from the survey's own files: .sav, .sas7bdat, or a table of another kind.

Flow: the needed columns as text -> packages of rows with the file's sha256 and their numbers ->
    raw file_students, appended.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.files.errors import display_name
from ingestion.core.files.form import FileForm, OtherKind, Renames
from ingestion.core.files.loading import FileTarget, load_files
from ingestion.core.files.rows import Counts, FileRows, as_rows
from ingestion.core.source import LoadResult, Request
from ingestion.sources.pisa.survey.cycles import cycle_in_name
from ingestion.sources.pisa.survey.form import notes_on, students_form
from ingestion.sources.pisa.survey.process import reading
from ingestion.sources.pisa.survey.readers import (
    END_IS_UNKNOWN,
    KINDS,
    ROWS_IN_FILE,
    is_statistics,
    kind_of,
)

# A package: the next one is read while one is written.
ROWS_PER_CHUNK = 61_440
# Weights have thousands of different texts: looking for repeated ones costs a third of the writing.
# A row group is written by one thread, and the other core reads the file.
WRITING = """
set global disabled_compression_methods = 'dictionary,dict_fsst';
set memory_limit = '256MB';
set threads = 1;
"""


def load_students(request: Request) -> LoadResult:
    """Load the students of files into raw.

    Raises:
        LoadError: every file was refused; names what is wrong.
    """
    form = replace(
        students_form(), other_kinds=(OtherKind((*KINDS,), is_statistics, read_students),)
    )
    return load_files(
        request,
        FileTarget(
            "file_students",
            form,
            settings=WRITING,
            from_name=_cycle,
            said_by={"file_cycle": "cyc"},
            notes=notes_on,
        ),
    )


def _cycle(file_name: str) -> dict[str, str | None]:
    """Return the cycle that a file's name gives."""
    cycle = cycle_in_name(file_name)
    return {"file_cycle": str(cycle) if cycle else None}


@contextmanager
def read_students(file: Path, form: FileForm, renames: Renames) -> Iterator[FileRows]:
    """Give the rows of a file of SPSS or SAS, which another process reads.

    Raises:
        FileError: from its tables: it cannot be read, or lacks a column.
    """
    with reading(file, ROWS_PER_CHUNK, renames) as chunks:
        rows = FileRows(display_name(file.name), iter(()), Counts(), kind_of(file)[1:])
        rows.tables = _numbered(chunks, form, rows)
        yield rows


def _numbered(chunks: Iterator[pa.Table], form: FileForm, rows: FileRows) -> Iterator[pa.Table]:
    counts = rows.counts
    for chunk in chunks:
        first = counts.rows + 1
        counts.rows += chunk.num_rows
        about = chunk.schema.metadata or {}
        counts.lines = int(about.get(ROWS_IN_FILE, counts.rows))
        if END_IS_UNKNOWN in about:
            rows.notes = (
                f"{rows.name} does not say how many {form.rows} it has, nor where it ends: "
                f"{counts.lines:,} were read; compare that with where it comes from.",
            )
        numbers = pc.cast(pa.array(range(first, counts.rows + 1)), pa.string())
        yield as_rows(chunk, form.names, numbers)
        del chunk
