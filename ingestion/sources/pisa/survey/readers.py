"""Files of SPSS and SAS as Arrow tables of text: the needed columns, some rows at a time."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyreadstat

from ingestion.core.files.errors import FileError, display_name
from ingestion.core.files.form import Renames
from ingestion.sources.pisa.survey.form import students_form
from ingestion.sources.pisa.survey.sav_rows import find_rows
from ingestion.sources.pisa.survey.statistics_file import StatisticsFile

KINDS: Mapping[str, Callable[..., Any]] = {
    ".sav": pyreadstat.read_sav,
    ".zsav": pyreadstat.read_sav,
    ".sas7bdat": pyreadstat.read_sas7bdat,
}
MAGIC = {
    ".sav": (b"$FL2",),
    ".zsav": (b"$FL3",),
    ".sas7bdat": (b"\0" * 12 + b"\xc2\xea\x81\x60",),
}
HEAD_BYTES = 16
# From here on, Arrow writes numbers with an exponent, which ids do not have.
EXPONENT = 1e15
MAX_EXACT = 2.0**53
# Of the metadata of each chunk: how many rows the file says that it has.
ROWS_IN_FILE = b"rows_in_file"
# And whether it may have been cut where it ends.
END_IS_UNKNOWN = b"end_is_unknown"


def is_statistics(head: bytes) -> bool:
    """Return whether a file with these first bytes is of SPSS or SAS."""
    return any(head.startswith(magic) for magics in MAGIC.values() for magic in magics)


def kind_of(file: Path) -> str:
    """Return the kind by the file's first bytes; by its name where they show none."""
    with file.open("rb") as content:
        head = content.read(HEAD_BYTES)
    found = (kind for kind, magics in MAGIC.items() if head.startswith(magics))
    return next(found, file.suffix.lower())


@contextmanager
def failures_in_one_line(file: Path) -> Iterator[None]:
    """Turn what the readers raise into an error that names the file.

    Raises:
        FileError: the file cannot be read, or is damaged.
    """
    try:
        yield
    except OSError as error:
        msg = f"{display_name(file)} cannot be read: {error.strerror or error}"
        raise FileError(msg) from error
    except (pa.ArrowInvalid, pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        why = " ".join(str(error).split())[:200]
        kind = kind_of(file)
        msg = (
            f"{display_name(file.name)} is not a whole {kind} file ({why}): fix it, then load again"
        )
        raise FileError(msg) from error


def read_statistics(file: Path, rows: int, renames: Renames) -> Iterator[pa.Table]:
    """Yield chunks of a file of SPSS or SAS; numbers as text in their shortest form.

    Args:
        file: of a kind in `KINDS`.
        rows: of a chunk.
        renames: of `--columns`.
    """
    opened = StatisticsFile(file, KINDS[kind_of(file)])
    about = opened.about()
    header = about.column_names
    columns = students_form().match(header, renames, display_name(file.name))
    names = {header[at]: ours for at, ours in columns.items()}
    metadata = {ROWS_IN_FILE: str(about.number_rows)} if about.number_rows else {}
    if found := find_rows(file):
        metadata = {ROWS_IN_FILE: str(found.rows)}
        metadata |= {} if found.is_end_known else {END_IS_UNKNOWN: "yes"}
    for frame in opened.chunks(rows, [*names]):
        yield pa.table({names[name]: _text(frame[name]) for name in names}, metadata=metadata)


def _text(values: "pd.Series[Any]") -> pa.Array:
    try:
        found = pa.array(values, from_pandas=True)
        if pa.types.is_floating(found.type) and (pc.max(pc.abs(found)).as_py() or 0) >= EXPONENT:
            return pa.array([_digits(value) for value in found.to_pylist()], pa.string())
        return pc.cast(found, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        # Numbers beside texts in one column have no Arrow type; as text they keep what they are.
        return pa.array([None if pd.isna(value) else str(value) for value in values], pa.string())


def _digits(value: float | None) -> str | None:
    """Return a number as digits where it is a whole one that a double holds exactly."""
    if value is None:
        return None
    return f"{value:.0f}" if abs(value) <= MAX_EXACT and value.is_integer() else repr(value)
