"""A file while it is written: its lines, how they are ended, encoded and packed."""

import random
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support.fuzzing.kinds import Cells, json_content, json_objects, parquet_content

Row = tuple[object, ...]
CELL = re.compile('"[^"]*"|[^"]*')
LINE_ENDS = re.compile("\r\n|\r|\n")


@dataclass(frozen=True)
class Form:
    """A form of files: its header, right rows, and what a strict reader makes of a line.

    Attributes:
        header: of a right file.
        rows: right rows of the file of a number.
        read: the key and value of a row; None where a strict reader takes no value from it.
        last_shows_cut: whether no beginning of a value of the last column is a value.
        key: the column of which each row has its own value.
        number, day: columns with a number, and with a day if there is one.
    """

    header: tuple[str, ...]
    rows: Callable[[int, random.Random], list[list[str]]]
    read: Callable[[Cells], tuple[Row, object] | None]
    key: str
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
        kind: `csv`, `json` or `parquet`; the latter two have cells, and no lines.
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
    kind: str = "csv"

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
        data = self._plain()
        for change in self.pack:
            data = change(data)
        return data

    def _plain(self) -> bytes:
        if self.kind == "csv":
            return self.text().encode(self.encoding)
        write = json_content if self.kind == "json" else parquet_content
        return write(self.header, self.rows)


@dataclass(frozen=True)
class Outcome:
    """What may become of a file, reckoned from its text apart from the product.

    Attributes:
        rows: key and value of the rows that nothing was done to: they have to be there.
        allowed: all that may be there.
        lines: lines of data, each of which is accounted for.
        must_load: whether the file has to be loaded whole.
        must_be_refused: whether it is not a file of its kind any more.
    """

    rows: dict[Row, object]
    allowed: set[tuple[Row, object]]
    lines: int
    must_load: bool
    must_be_refused: bool = False


REFUSED = Outcome({}, set(), 0, must_load=False, must_be_refused=True)


def outcome(draft: Draft, right: list[list[str]]) -> Outcome:
    """Return what may become of a file whose right rows were these."""
    originals = [
        draft.form.read(dict(zip(draft.form.header, cells, strict=True))) for cells in right
    ]
    original = {pair[0]: pair[1] for pair in originals if pair}
    found, lines = _lines(draft) if draft.kind == "csv" else _objects(draft)
    if found is None:
        return REFUSED
    read = [pair for pair in found if pair]
    # What the file says twice in different ways may be either.
    said = defaultdict(set)
    for key, value in read:
        said[key].add(value)
    rows = {k: v for k, v in read if original.get(k) == v and said[k] == {v}}
    return Outcome(rows, {*read, *original.items()}, lines, draft.must_load)


Found = list[tuple[Row, object] | None]


def _objects(draft: Draft) -> tuple[Found | None, int]:
    """Return what a strict reader takes from a file without lines; None where it is not one."""
    objects: list[Cells] | None = [
        dict(zip(draft.header, cells, strict=True)) for cells in draft.rows
    ]
    if draft.changed is not None:
        objects = json_objects(draft.changed) if draft.kind == "json" else None
    if objects is None:
        return None, 0
    empty = dict.fromkeys(draft.form.header, "")
    return [draft.form.read(empty | cells) for cells in objects], len(objects)


def _lines(draft: Draft) -> tuple[Found, int]:
    """Return what a strict reader takes from the lines of data, and how many there are."""
    text = draft.text() if draft.changed is None else draft.changed.decode("latin-1")
    lines = [line.removeprefix("\ufeff") for line in LINE_ENDS.split(text)]
    lines = [line for line in lines if line.strip(draft.separator + " \t")]
    found = [_line(line, draft) for line in lines]
    return found[:-1] if draft.is_cut else found, len(lines) - 1 - len(draft.before)


def _line(line: str, draft: Draft) -> tuple[Row, object] | None:
    header = list(draft.form.header)
    order = draft.header if sorted(draft.header) == sorted(header) else header
    between = re.compile(f'{re.escape(draft.separator)}(?=(?:[^"]*"[^"]*")*[^"]*$)')
    cells = between.split(line)
    if "\0" in line or len(cells) != len(order) or not all(map(CELL.fullmatch, cells)):
        return None
    plain = [cell.strip('"') for cell in cells]
    return draft.form.read(dict(zip(order, plain, strict=True)))
