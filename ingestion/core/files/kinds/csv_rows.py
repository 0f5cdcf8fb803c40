"""Rows of CSV: comma, semicolon, tab or pipe, found from the header.

A line that is not a row is kept with its text. So is a header that stands in the file again, where
files were put together; one with other columns is refused. The last line of a file may have been
cut: without a line end it is a row only where its last cell cannot be a shortened one that we read.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as pacsv

from ingestion.core.files.decoding import TextLines
from ingestion.core.files.errors import FileError
from ingestion.core.files.form import FileForm, Renames, simplified
from ingestion.core.files.kinds.csv_lines import Lines, check_lines
from ingestion.core.files.opening import Content
from ingestion.core.files.rows import Counts, FileRows, as_rejected, as_rows

SEPARATORS = ",;\t|"
# A title, notes: more than these are another kind of file.
MAX_LINES_ABOVE = 20
HEADER_AGAIN = "the header stands here again"
CUT = "the file ends inside this line: its last cell may be cut short"


@dataclass(frozen=True)
class Header:
    """The header of a file.

    Attributes:
        text: the line.
        separator: between cells.
        cells: all names, as they are there.
        columns: our names by position.
    """

    text: bytes
    separator: str
    cells: list[str]
    columns: dict[int, str]


def csv_rows(content: Content, form: FileForm, renames: Renames) -> FileRows:
    """Return the rows of a text.

    Raises:
        FileError: it is refused, now or while its tables are read.
    """
    counts = Counts()
    text = TextLines(content.name, content.head, content.chunks())
    blocks = text.blocks()
    first = next(blocks, b"")
    header, rest = _header(first, form, renames, content.name, counts)
    rows = FileRows(content.name, iter(()), counts, "csv", text.encoding)
    rows.tables = _Reader(form, header, text, rows).tables(rest, blocks)
    return rows


def _header(
    block: bytes, form: FileForm, renames: Renames, name: str, counts: Counts
) -> tuple[Header, bytes]:
    """Return the header, and what follows it in the block.

    Raises:
        FileError: there is none, or it lacks a column.
    """
    separators = SEPARATORS
    while block:
        line, _, rest = block.partition(b"\n")
        text = line.decode()
        hint = text.strip().strip('"')
        if hint.lower().startswith("sep=") and len(hint) == len("sep=;"):
            # Excel's own first line.
            separators = hint[-1]
            counts.header += 1
        elif text.strip():
            counts.header += 1
            try:
                where = f"{name}, line {_before(counts)}"
                return _parsed(line, separators, form, renames, where), rest
            except FileError as error:
                for at, below in enumerate(rest.split(b"\n")[:MAX_LINES_ABOVE], 1):
                    if _is_header(below, separators, form, renames):
                        msg = (
                            f"{name} has its header in line {_before(counts) + at}, below other "
                            "text: delete the lines above it, then load it"
                        )
                        raise FileError(msg) from error
                raise
        else:
            counts.blank += 1
        block = rest
    msg = f"{name} is empty: give a file of {form.rows}"
    raise FileError(msg)


def _is_header(line: bytes, separators: str, form: FileForm, renames: Renames) -> bool:
    try:
        _parsed(line, separators, form, renames, "")
    except FileError:
        return False
    return True


def _before(counts: Counts) -> int:
    return counts.header + counts.blank


def _parsed(line: bytes, separators: str, form: FileForm, renames: Renames, where: str) -> Header:
    text = line.decode()
    if "\0" in text or text.count('"') % 2:
        msg = (
            f"{where} is not a header of {form.rows}: it has a NUL byte, or a quote that stays open"
        )
        raise FileError(msg)
    named = {simplified(name) for pair in renames for name in pair}
    split = {separator: next(csv.reader([text], delimiter=separator)) for separator in separators}

    def known(cells: list[str]) -> tuple[int, int]:
        count = sum(bool(form.find(cell)) or simplified(cell) in named for cell in cells)
        return count, len(cells)

    separator = max(split, key=lambda each: known(split[each]))
    cells = split[separator]
    return Header(line, separator, cells, form.match(cells, renames, where))


class _Reader:
    def __init__(self, form: FileForm, header: Header, text: TextLines, rows: FileRows) -> None:
        self._form, self._header, self._text, self._rows = form, header, text, rows
        self._counts = rows.counts
        self._line = _before(rows.counts) + 1
        self._names = {f"c{at}": ours for at, ours in header.columns.items()}
        required = [name for name in form.names if name in header.columns.values()]
        self._key = required[0]
        self._spelled = pa.array(
            sorted({form(cell) for cell in header.cells for form in (str, str.lower, str.upper)}),
            pa.string(),
        )

    def tables(self, first: bytes, blocks: Iterator[bytes]) -> Iterator[pa.Table]:
        """Yield the rows that follow the header.

        Raises:
            FileError: see `csv_rows`.
        """
        block = first
        # One is read ahead, so that the last one is known.
        for following in blocks:
            if block:
                yield self._table(block, is_last=False)
            block = following
        if block:
            yield self._table(block, is_last=True)
        self._counts.lines = self._text.lines
        self._rows.encoding = self._text.encoding
        if not self._counts.rows + self._counts.rejected:
            msg = f"{self._rows.name} has a header and no {self._form.rows}: nothing was loaded"
            raise FileError(msg)

    def _table(self, block: bytes, *, is_last: bool) -> pa.Table:
        lines = check_lines(block, self._header.separator, len(self._header.cells))
        self._find_header_again(block, lines)
        if is_last and self._text.ends_in_line:
            self._check_cut(block, lines)
        is_row = lines.is_row
        numbers = np.flatnonzero(is_row) + self._line
        cells = self._cells(block, lines, is_row)
        if cells.num_rows != len(numbers):
            msg = (
                f"{self._rows.name}: {cells.num_rows:,} rows were made of {len(numbers):,} lines "
                f"from line {self._line:,} on: this is a fault of the reader"
            )
            raise FileError(msg)
        self._refuse_other_header(cells, numbers)
        table = as_rows(cells, self._form.names, pc.cast(pa.array(numbers), pa.string()))
        self._counts.rows += len(numbers)
        self._counts.blank += int(lines.is_blank.sum())
        if lines.problems:
            table = pa.concat_tables([table, self._rejected(block, lines)])
        self._line += len(lines.ends)
        return table

    def _cells(self, block: bytes, lines: Lines, is_row: NDArray[Any]) -> pa.Table:
        if not is_row.all():
            keep = np.repeat(is_row, lines.ends - lines.starts + 1)
            block = np.frombuffer(block, np.uint8)[keep].tobytes()
        if not block:
            return pa.table({ours: pa.array([], pa.string()) for ours in self._names.values()})
        try:
            cells = pacsv.read_csv(
                pa.py_buffer(block),
                read_options=pacsv.ReadOptions(
                    use_threads=False,
                    block_size=len(block) + 1,
                    column_names=[f"c{at}" for at in range(len(self._header.cells))],
                ),
                parse_options=pacsv.ParseOptions(delimiter=self._header.separator),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(self._names, pa.string()),
                    include_columns=[*self._names],
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid as error:
            why = " ".join(str(error).split())[:120]
            msg = f"{self._rows.name}, after line {self._line:,}: not CSV ({why})"
            raise FileError(msg) from error
        return cells.rename_columns([*self._names.values()])

    def _rejected(self, block: bytes, lines: Lines) -> pa.Table:
        numbers, texts, problems = [], [], []
        for line, problem in sorted(lines.problems.items()):
            numbers.append(self._line + line)
            texts.append(block[lines.starts[line] : lines.ends[line]].decode())
            problems.append(problem)
            self._counts.reject(self._line + line, problem)
        return as_rejected(self._form.names, numbers, texts, problems)

    def _find_header_again(self, block: bytes, lines: Lines) -> None:
        text = self._header.text
        same = np.flatnonzero(lines.ends - lines.starts == len(text))
        letters = np.frombuffer(block, np.uint8)
        same = same[letters[lines.starts[same]] == text[0]]
        for line in same.tolist():
            if block[lines.starts[line] : lines.ends[line]] == text:
                lines.problems[line] = HEADER_AGAIN

    def _refuse_other_header(self, cells: pa.Table, numbers: NDArray[Any]) -> None:
        """Refuse a file that goes on under another header: its cells would be taken for others."""
        found = np.flatnonzero(pc.is_in(cells[self._key], self._spelled).combine_chunks())
        for row in found.tolist():
            values = [cells[name][row].as_py() or "" for name in cells.column_names]
            if sum(self._form.find(value) is not None for value in values) > len(values) // 2:
                msg = (
                    f"{self._rows.name}, line {numbers[row]}: a header with columns in another "
                    "order or spelling: split the file there, then load both"
                )
                raise FileError(msg)

    def _check_cut(self, block: bytes, lines: Lines) -> None:
        """Reject the last line, which has no end, where a cut could have made it what it is."""
        last = len(lines.ends) - 1
        if lines.is_blank[last]:
            return
        ours = self._header.columns.get(len(self._header.cells) - 1)
        is_quoted = block.endswith(b'"\n')
        shows_cut = ours is None or is_quoted or self._form.column(ours).shows_cut
        if last in lines.problems or not shows_cut:
            lines.problems[last] = CUT
