"""Lines of CSV looked at as bytes, apart from the parser that makes rows of them.

No cell of our tables holds a line break, so a line is a row: its quotes are closed where it ends,
stand at the edges of its cells, and it has as many cells as the header.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
NEWLINE, QUOTE, NUL = 10, 34, 0
OPEN_QUOTE = "a quote is opened and not closed on this line"
TEXT_BESIDE_QUOTES = "text stands beside a quoted cell"
HAS_NUL = "it has a NUL byte"


@dataclass(frozen=True)
class Lines:
    """The lines of a block.

    Attributes:
        starts: where each begins.
        ends: where its newline is.
        is_blank: whether it has no text and no separator, or separators alone.
        problems: by line, why it cannot be split into the header's cells.
    """

    starts: Places
    ends: Places
    is_blank: NDArray[np.bool_]
    problems: dict[int, str]

    @property
    def is_row(self) -> NDArray[np.bool_]:
        """Whether each line is a row."""
        rows = ~self.is_blank
        rows[[*self.problems]] = False
        return rows


def check_lines(block: bytes, separator: str, width: int) -> Lines:
    """Look at lines that each end with a newline.

    Args:
        block: UTF-8.
        separator: between cells, one ASCII character.
        width: the cells of the header.
    """
    marks = _Marks(block, separator)
    starts, ends = marks.starts, marks.ends
    problems: dict[int, str] = {}
    if b'"' in block or b"\0" in block:
        separators = marks.outside_quotes(problems)
    else:
        separators = marks.per_line - 1
    is_blank = ends == starts
    if width > 1:
        is_blank |= (marks.per_line == ends - starts + 1) & (separators == marks.per_line - 1)
    for line in np.flatnonzero((separators != width - 1) & ~is_blank).tolist():
        if not block[starts[line] : ends[line]].strip():
            is_blank[line] = True
        elif line not in problems:
            cells = int(separators[line]) + 1
            problems[line] = f"{cells} cells where the header has {width}"
    return Lines(starts, ends, is_blank, problems)


class _Marks:
    """The separators, quotes, newlines and NUL bytes of a block.

    Attributes:
        starts: where each line begins.
        ends: where its newline is.
        per_line: how many marks it has, with its newline.
    """

    def __init__(self, block: bytes, separator: str) -> None:
        self._letters = np.frombuffer(block, np.uint8)
        self._at = np.flatnonzero(_marks(separator)[self._letters])
        self._kinds = self._letters[self._at]
        self._separator = ord(separator)
        self._last = np.flatnonzero(self._kinds == NEWLINE)
        self.ends = self._at[self._last]
        self.starts = np.concatenate((np.zeros(1, np.int64), self.ends[:-1] + 1))
        self.per_line = np.diff(self._last, prepend=-1)

    def outside_quotes(self, problems: dict[int, str]) -> Places:
        """Return how many separators each line has outside quotes; add problems with quotes."""
        is_quote = self._kinds == QUOTE
        counted = np.cumsum(is_quote, dtype=np.int32)
        quotes = np.diff(counted[self._last], prepend=0)
        before = np.repeat(counted[self._last] - quotes, self.per_line)
        is_inside = ((counted - before) & 1).astype(bool)
        places = np.flatnonzero(is_quote)
        for line in self._lines_at(places[self._is_misplaced(places, is_inside[places])]):
            problems[line] = TEXT_BESIDE_QUOTES
        for line in np.flatnonzero(quotes & 1).tolist():
            problems[line] = OPEN_QUOTE
        for line in self._lines_at(np.flatnonzero(self._kinds == NUL)):
            problems[line] = HAS_NUL
        is_separator = (self._kinds == self._separator) & ~is_inside
        firsts = self._last - self.per_line + 1
        return np.add.reduceat(is_separator.astype(np.int64), firsts)

    def _lines_at(self, marks: Places) -> list[int]:
        """Return the lines that have one of these marks."""
        found: list[int] = np.unique(np.searchsorted(self._last, marks)).tolist()
        return found

    def _is_misplaced(self, quotes: Places, is_inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which quotes are neither at an edge of a cell nor half of a doubled one."""
        at = self._at[quotes]
        is_edge = np.zeros(256, np.bool_)
        is_edge[[NEWLINE, QUOTE, self._separator]] = True
        # The block ends with a newline: every quote has a letter after it.
        is_good = is_edge[self._letters[np.where(is_inside, np.maximum(at - 1, 0), at + 1)]]
        is_misplaced: NDArray[np.bool_] = ~is_good & ~(is_inside & (at == 0))
        return is_misplaced


@lru_cache(8)
def _marks(separator: str) -> NDArray[np.bool_]:
    marks = np.zeros(256, np.bool_)
    marks[[NEWLINE, QUOTE, NUL, ord(separator)]] = True
    return marks
