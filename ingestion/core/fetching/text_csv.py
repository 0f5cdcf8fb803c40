"""CSV bodies as tables of text: nothing is guessed, and what is not whole is refused."""

import re
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

# Arrow's own limit of a block; a body is read as one, so that no cell is too long for it.
MAX_BLOCK_BYTES = 2**31 - 1
# Names that dlt takes as they are.
FIT = re.compile(r'(?!.*__)[^\s"]([^"]{0,61}[^\s"])?')
DLT_COLUMNS = ("_dlt_load_id", "_dlt_id")

# While it reads, Arrow would take Ctrl-C from our own handler.
pa.enable_signal_handlers(False)


class CsvError(Exception):
    """A body is not complete CSV; the message says why, in one line."""


def read_text(body: bytes, *, empty_is_null: bool) -> pa.Table:
    """Return a CSV body with a header as a table of text, cells as they stand in it.

    Args:
        body: UTF-8, with or without a byte order mark; every line ends with a newline.
        empty_is_null: whether an empty cell is null, or an empty text.

    Raises:
        CsvError: it is cut off, no CSV or no UTF-8, has a column twice, or its rows are not all of
            its lines.
    """
    # Every line ends with a newline and every quote is closed, or the body was cut off.
    if not body.endswith(b"\n") or body.count(b'"') % 2:
        msg = "it is cut off"
        raise CsvError(msg)
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        table = pacsv.read_csv(
            pa.py_buffer(body),
            read_options=one_block(len(body)),
            parse_options=pacsv.ParseOptions(newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                default_column_type=pa.string(),
                null_values=[""] if empty_is_null else [],
                strings_can_be_null=empty_is_null,
            ),
        )
        names = table.column_names
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        msg = f"it is not complete CSV: {' '.join(str(error).split())[:120]}"
        raise CsvError(msg) from error
    if (twice := column_twice(names)) is not None:
        msg = f"it has column {twice!r} twice"
        raise CsvError(msg)
    _require_every_line(body, table)
    return table


def _require_every_line(body: bytes, table: pa.Table) -> None:
    """Refuse a body of which the parser lost a line; lines are counted apart from it.

    Raises:
        CsvError: names both counts.
    """
    lines, rows = body.count(b"\n"), table.num_rows
    if lines == rows + 1:
        return
    breaks = sum(name.count("\n") for name in table.column_names)
    for column in table.columns:
        breaks += pc.sum(pc.count_substring(column, "\n"), min_count=0).as_py()
    if lines != rows + 1 + breaks:
        msg = f"its {lines:,} lines make {rows:,} rows and {breaks:,} line breaks in cells"
        raise CsvError(msg)


def one_block(size: int, names: Sequence[str] | None = None) -> pacsv.ReadOptions:
    """Return how to read a body of so many bytes at once, with a header unless names are given."""
    block = min(max(size, 1), MAX_BLOCK_BYTES)
    return pacsv.ReadOptions(use_threads=False, block_size=block, column_names=names)


def invalid_name(names: Sequence[str]) -> str | None:
    """Return a name that cannot be a column of raw beside the others: twice, dlt's own, or none."""
    invalid = [name or " " for name in names if not (FIT.fullmatch(name) and name.isprintable())]
    return next(iter(invalid), None) or column_twice([*names, *DLT_COLUMNS])


def column_twice(names: Sequence[str]) -> str | None:
    """Return a name that is there more than once, in whatever case; databases ignore the case."""
    counted = Counter(name.casefold() for name in names)
    return next((name for name in names if counted[name.casefold()] > 1), None)
