"""A file while it is written: its lines, how they are ended, encoded and packed."""

import random
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

Cells = dict[str, str]
Row = tuple[object, ...]
LINE_ENDS = re.compile("\r\n|\r|\n")


@dataclass(frozen=True)
class Form:
    """A form of files: its header, right rows, and what a strict reader makes of a line.

    Attributes:
        header: of a right file.
        rows: right rows of the file of a number.
        read: the key and value of a row; None where a strict reader takes no value from it.
        last_shows_cut: whether no beginning of a value of the last column is a value.
        number, day: columns with a whole number, and with a day if there is one.
    """

    header: tuple[str, ...]
    rows: Callable[[int, random.Random], list[list[str]]]
    read: Callable[[Cells], tuple[Row, object] | None]
    number: str
    day: str | None
    last_shows_cut: bool


@dataclass
class Draft:
    """A file with right rows, for a fault to change.

    Attributes:
        header: its names.
        rows: its cells.
        separator, end, encoding: of the text.
        has_last_end: whether the last line is ended.
        before: lines before the header.
        lines: changes of the lines; the first is the header.
        pack: changes of the bytes.
        must_load: whether nothing about it is a reason to refuse it or to reject a row.
        is_cut: whether the last line may have lost its end.
    """

    form: Form
    random: random.Random
    header: list[str]
    rows: list[list[str]]
    separator: str = ","
    end: str = "\n"
    encoding: str = "utf-8"
    has_last_end: bool = True
    before: list[str] = field(default_factory=list)
    lines: list[Callable[[list[str]], list[str]]] = field(default_factory=list)
    pack: list[Callable[[bytes], bytes]] = field(default_factory=list)
    changed: bytes | None = None
    must_load: bool = False
    is_cut: bool = False
    name: str = "file.csv"

    def one(self) -> int:
        """Return the place of a row, by chance."""
        return self.random.randrange(len(self.rows))

    def at(self, column: str) -> int:
        """Return the place of a column."""
        return self.header.index(column)

    def text(self) -> str:
        """Return the text of the file."""
        lines = [self.separator.join(cells) for cells in (self.header, *self.rows)]
        for change in self.lines:
            lines = change(lines)
        text = self.end.join([*self.before, *lines])
        return text + self.end if self.has_last_end else text

    def content(self) -> bytes:
        """Return the bytes of the file."""
        if self.changed is not None:
            return self.changed
        data = self.text().encode(self.encoding)
        for change in self.pack:
            data = change(data)
        return data


@dataclass(frozen=True)
class Outcome:
    """What may become of a file, reckoned from its text apart from the product.

    Attributes:
        rows: key and value of the rows that nothing was done to: they have to be there.
        allowed: all that may be there.
        lines: lines of data, each of which is accounted for.
        must_load: whether the file has to be loaded whole.
    """

    rows: dict[Row, object]
    allowed: set[tuple[Row, object]]
    lines: int
    must_load: bool


def outcome(draft: Draft, right: list[list[str]]) -> Outcome:
    """Return what may become of a file whose right rows were these."""
    header = list(draft.form.header)
    text = draft.text() if draft.changed is None else draft.changed.decode("latin-1")
    lines = [line.removeprefix("\ufeff") for line in LINE_ENDS.split(text)]
    lines = [line for line in lines if line.strip(draft.separator + " \t")]
    found = [read_line(line, draft.separator, header, draft) for line in lines]
    originals = [draft.form.read(dict(zip(header, cells, strict=True))) for cells in right]
    original = {pair[0]: pair[1] for pair in originals if pair}
    if draft.is_cut:
        found = found[:-1]
    read = [pair for pair in found if pair]
    rows = {key: value for key, value in read if original.get(key) == value}
    # What the file says twice in different ways may be either.
    said = defaultdict(set)
    for key, value in read:
        said[key].add(value)
    rows = {key: value for key, value in rows.items() if said[key] == {value}}
    allowed = {*read, *original.items()}
    headers = 1 + len(draft.before)
    return Outcome(rows, allowed, len(lines) - headers, draft.must_load)


def read_line(
    line: str, separator: str, header: list[str], draft: Draft
) -> tuple[Row, object] | None:
    """Return what a strict reader takes from a line."""
    names = header if len(draft.header) == len(header) else draft.header
    order = draft.header if sorted(draft.header) == sorted(header) else names
    cells = [cell.strip('"') for cell in line.split(separator)]
    if len(cells) != len(order) or line.count('"') % 2:
        return None
    return draft.form.read(dict(zip(order, cells, strict=True)))
