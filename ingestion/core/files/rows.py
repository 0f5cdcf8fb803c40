"""A file's rows as Arrow tables of text, and what was counted of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from ingestion.core.files.errors import FileError

# DuckDB's row group: whole ones are compressed and written once, as they come; parts of one are
# written to its log first, and again at each checkpoint.
ROWS_PER_PACKAGE = 122_880


@dataclass
class Counts:
    """What is in a file; `lines` is counted apart from the parser that makes the rows.

    Attributes:
        lines: of a text; or the rows that the file's own metadata has.
        header: lines that name columns.
        rows: that were made.
        rejected: lines that could not be made rows; they are kept with their text.
        blank: lines without text.
        problems: how many lines were rejected for each reason, with the first such line.
    """

    lines: int = 0
    header: int = 0
    rows: int = 0
    rejected: int = 0
    blank: int = 0
    problems: dict[str, tuple[int, int]] = field(default_factory=dict)

    def reject(self, line: int, problem: str) -> None:
        """Count a line that could not be made a row."""
        self.rejected += 1
        count, first = self.problems.get(problem, (0, line))
        self.problems[problem] = (count + 1, first)

    def require_all(self, name: str) -> None:
        """Refuse a file of which something was lost between its text and its rows.

        Raises:
            FileError: the counts differ.
        """
        parts = self.header + self.rows + self.rejected + self.blank
        if parts != self.lines:
            msg = (
                f"{name} has {self.lines:,} lines, of which {parts:,} were read: this is a fault "
                "of the reader; nothing of it was loaded"
            )
            raise FileError(msg)


@dataclass
class FileRows:
    """A file's rows, to be read once.

    Attributes:
        name: the file's, for messages.
        tables: all text, with `tables.LINE_COLUMNS` and the form's columns.
        counts: complete once the tables were read.
        kind: for example `csv`.
        encoding: of a text.
        notes: what else to say of it once it was read.
    """

    name: str
    tables: Iterator[pa.Table]
    counts: Counts
    kind: str
    encoding: str = ""
    notes: Sequence[str] = ()


def as_rows(cells: pa.Table, names: Sequence[str], numbers: pa.Array) -> pa.Table:
    """Return cells, in columns of ours, as rows with their numbers; others are null."""
    nulls = pa.nulls(cells.num_rows, pa.string())
    columns = {"line_number": numbers, "line_text": nulls, "line_problem": nulls}
    there = cells.column_names
    return pa.table(columns | {name: cells[name] if name in there else nulls for name in names})


def as_rejected(
    names: Sequence[str], numbers: Sequence[int], texts: Sequence[str], problems: Sequence[str]
) -> pa.Table:
    """Return lines that are not rows, with their text and why."""
    nulls = pa.nulls(len(numbers), pa.string())
    kept = [text.replace("\0", "␀") for text in texts]
    columns = {
        "line_number": pa.array(map(str, numbers), pa.string()),
        "line_text": pa.array(kept, pa.string()),
        "line_problem": pa.array(problems, pa.string()),
    }
    return pa.table(columns | dict.fromkeys(names, nulls))


def in_packages(tables: Iterable[pa.Table], size: int = ROWS_PER_PACKAGE) -> Iterator[pa.Table]:
    """Yield the same rows in tables of one size; the last one may have fewer."""
    gathered: list[pa.Table] = []
    for table in tables:
        gathered.append(table)
        del table
        rows = sum(part.num_rows for part in gathered)
        while rows >= size:
            whole = pa.concat_tables(gathered)
            package, gathered = whole.slice(0, size), [whole.slice(size)]
            rows -= size
            del whole
            yield package
            del package
    if any(part.num_rows for part in gathered):
        yield pa.concat_tables(gathered)
