"""The survey's own files as Arrow tables of text: the needed columns, some rows at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyreadstat
from pyarrow import csv as pacsv

from ingestion.core.errors import LoadError
from ingestion.sources.pisa.columns import STUDENT, STUDENT_COLUMNS

BYTES_PER_BLOCK = 16_000_000
KINDS: Mapping[str, Callable[..., Any]] = {
    ".sav": pyreadstat.read_sav,
    ".sas7bdat": pyreadstat.read_sas7bdat,
}
FORM = "a .sav, .sas7bdat or .csv file of students"


@contextmanager
def failures_in_one_line(file: Path) -> Iterator[None]:
    """Turn what the readers raise into an error that names the file.

    Raises:
        LoadError: the file cannot be read, or is damaged.
    """
    try:
        yield
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror or error}; give {FORM}"
        raise LoadError(msg) from error
    except (pa.ArrowInvalid, pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        why = " ".join(str(error).split())[:200]
        kind = file.suffix.lower()
        msg = f"{file.name} is not a whole {kind} file ({why}): fix it, then load again"
        raise LoadError(msg) from error


def read_csv(file: Path) -> Iterator[pa.Table]:
    """Yield blocks of a CSV file; the needed columns as text, an empty cell as null."""
    options = pacsv.ReadOptions(block_size=BYTES_PER_BLOCK, use_threads=False)
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


def read_statistics(file: Path, rows: int) -> Iterator[pa.Table]:
    """Yield chunks of a file of SPSS or SAS; numbers as text in their shortest form.

    Args:
        file: of a kind in `KINDS`.
        rows: of a chunk. Each chunk is found by skipping the rows before it, which takes about a
            second for a million rows: few chunks cost little, many small ones would not.
    """
    read = KINDS[file.suffix.lower()]
    _, about = read(str(file), metadataonly=True)
    names = _needed(about.column_names, file.name)
    chunks = pyreadstat.read_file_in_chunks(
        read, str(file), chunksize=rows, usecols=[*names], disable_datetime_conversion=True
    )
    for frame, _ in chunks:
        yield pa.table({names[name]: _text(frame[name]) for name in names})


def _text(values: "pd.Series[Any]") -> pa.Array:
    try:
        return pc.cast(pa.array(values, from_pandas=True), pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        # Numbers beside texts in one column have no Arrow type; as text they keep what they are.
        return pa.array([None if pd.isna(value) else str(value) for value in values], pa.string())


def _needed(there: Sequence[str], file_name: str) -> Mapping[str, str]:
    """Return our names by the file's, whatever their case.

    Raises:
        LoadError: a column that is needed is not there.
    """
    names = {name: name.strip().lower() for name in there}
    names = {name: ours for name, ours in names.items() if ours in STUDENT_COLUMNS}
    if missing := [name.upper() for name in STUDENT if name not in names.values()]:
        many = "columns" if len(missing) > 1 else "column"
        msg = f"{file_name} has no {many} {', '.join(missing)}: give a file of students"
        raise LoadError(msg)
    if len(set(names.values())) < len(names):
        msg = f"{file_name} has a column twice, in another case: leave one"
        raise LoadError(msg)
    return names
