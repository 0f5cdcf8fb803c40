"""What a source takes from files: its columns, how they may be spelled, and what must be there.

Example:
    FileForm(
        rows="readings",
        columns=(Column("date", ("day",)), Column("hour"), Column("timestamp", ("read_at",)), …),
        alternatives=(("date", "hour"), ("timestamp",)),
    )

A file's column is found by its name whatever the case, spaces, underscores, hyphens and dots; by
one of the spellings; or by `--columns THEIRS=OURS`, which goes before both.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.core.errors import LoadError
from ingestion.core.files.errors import FileError, shown

if TYPE_CHECKING:
    from ingestion.core.files.rows import FileRows

_BETWEEN = re.compile(r"[\s_.\-]+")
MAX_NAMES_SHOWN = 12


@dataclass(frozen=True)
class Column:
    """A column that a source reads.

    Attributes:
        name: ours, as raw has it.
        spellings: other names that it has in files.
        is_required: whether a file without it is refused; columns of `alternatives` are required
            by them.
        shows_cut: whether no beginning of a valid value is itself a valid value (a word of a list),
            so that a last line that was cut inside it does not pass.
    """

    name: str
    spellings: tuple[str, ...] = ()
    is_required: bool = True
    shows_cut: bool = False


@dataclass(frozen=True)
class OtherKind:
    """A kind of file that only one source reads.

    Attributes:
        suffixes: in lower case, with the dot: such files are found in folders.
        is_kind: finds one by its first bytes; one that is named so and is not is refused.
        read: opens a file and gives its rows: (path, form, `--columns`) -> context of `FileRows`.
    """

    suffixes: tuple[str, ...]
    is_kind: Callable[[bytes], bool]
    read: "Callable[[Path, FileForm, Renames], AbstractContextManager[FileRows]]"

    def takes(self, path: Path, head: bytes) -> bool:
        """Return whether a file with these first bytes is of this kind."""
        return self.is_kind(head) or path.suffix.lower() in self.suffixes


# Pairs as given by `--columns`: the file's name, ours.
Renames = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FileForm:
    """What a source takes from files.

    Attributes:
        rows: what a row is, in the plural, for messages.
        columns: that are read; others are left out.
        alternatives: groups of columns, of which one must be there as a whole. The first that is
            counts; columns that only later ones have are then left out.
        other_kinds: kinds of file beside CSV, JSON and Parquet.
        together: groups of columns of which a file has all or none.
    """

    rows: str
    columns: tuple[Column, ...]
    alternatives: tuple[tuple[str, ...], ...] = ()
    other_kinds: tuple[OtherKind, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Our names of the columns."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return a column by our name."""
        return next(column for column in self.columns if column.name == name)

    def find(self, name: str) -> str | None:
        """Return our name of a file's column; None where we do not read it."""
        return self._spellings.get(simplified(name))

    @property
    def _spellings(self) -> Mapping[str, str]:
        return {
            simplified(name): column.name
            for column in self.columns
            for name in (*column.spellings, column.name)
        }

    def match(self, header: Sequence[str], renames: Renames, where: str) -> dict[int, str]:
        """Return our names by the position of the file's columns.

        Args:
            header: the file's column names, in order.
            renames: of `--columns`.
            where: the file and the line, for messages.

        Raises:
            FileError: a column is missing or is there twice, or `renames` do not fit.
        """
        given = self.given(header, renames, where)
        spellings = self._spellings
        # Our own name, and what was given, go before other spellings.
        certain = {simplified(name) for name in header} | {*map(simplified, given.values())}
        found = {
            at: ours
            for at, name in enumerate(header)
            if (ours := given.get(name) or spellings.get(simplified(name)))
            and (
                name in given or simplified(name) == (own := simplified(ours)) or own not in certain
            )
        }
        self._require_once(header, found, where)
        self.require(found.values(), header, where)
        return self._first_alternative(found)

    def given(self, header: Sequence[str], renames: Renames, where: str) -> dict[str, str]:
        """Return our names by the file's names that `--columns` names.

        Raises:
            FileError: a name is neither in the file nor ours.
        """
        theirs = {simplified(name): name for name in header}
        ours = {simplified(name): name for name in self.names}
        found: dict[str, str] = {}
        for pair in renames:
            left, right = (simplified(name) for name in pair)
            if left in theirs and right in ours:
                found[theirs[left]] = ours[right]
            elif right in theirs and left in ours:
                found[theirs[right]] = ours[left]
            else:
                has_ours = left in ours or right in ours
                msg = (
                    f"{where} has no column for --columns {'='.join(pair)}: it has {listed(header)}"
                    if has_ours
                    else f"--columns {'='.join(pair)} names no column of {self.rows}: "
                    f"write THEIRS=OURS, where OURS is one of {', '.join(self.names)}"
                )
                raise FileError(msg)
        return found

    def require(self, found: Iterable[str], header: Sequence[str], where: str) -> None:
        """Refuse a file that lacks a column.

        Raises:
            FileError: names what is missing and what there is.
        """
        there = set(found)
        in_groups = {name for group in self.alternatives for name in group}
        missing = [
            column.name
            for column in self.columns
            if column.is_required and column.name not in there | in_groups
        ]
        missing += [
            name
            for group in self.together
            if there.intersection(group)
            for name in group
            if name not in there
        ]
        if self.alternatives and not any(there.issuperset(group) for group in self.alternatives):
            groups = [" and ".join(n for n in g if n not in there) for g in self.alternatives]
            missing.insert(0, " or ".join(groups))
        if missing:
            many = "columns" if len(missing) > 1 else "column"
            msg = (
                f"{where} has no {many} {', '.join(missing)}: it has {listed(header)}; give a file "
                f"of {self.rows}, or name its columns with --columns "
                f"THEIRS={missing[0].partition(' ')[0]}"
            )
            raise FileError(msg)

    def _require_once(self, header: Sequence[str], found: Mapping[int, str], where: str) -> None:
        seen: dict[str, str] = {}
        for at, name in enumerate(header):
            key = found.get(at) or simplified(name)
            if key and key in seen:
                both = name if name == seen[key] else f"{seen[key]} and {name}"
                as_ours = f" (both are {key})" if at in found and name != seen[key] else ""
                msg = f"{where} has a column twice: {shown(both)}{as_ours}; leave one"
                raise FileError(msg)
            seen[key] = name

    def _first_alternative(self, found: dict[int, str]) -> dict[int, str]:
        there = set(found.values())
        chosen = next((g for g in self.alternatives if there.issuperset(g)), ())
        out = {name for group in self.alternatives for name in group} - set(chosen)
        return {at: ours for at, ours in found.items() if ours not in out}


def simplified(name: str) -> str:
    """Return a column's name without what spellings differ in: case, spaces, underscores."""
    return _BETWEEN.sub("", name.replace("\ufeff", "").casefold())


def listed(names: Sequence[str]) -> str:
    """Return names for a message, the first ones where there are many."""
    some = [shown(name) for name in names[:MAX_NAMES_SHOWN]]
    more = len(names) - len(some)
    return ", ".join(some) + (f" and {more} more" if more else "") if some else "none"


def parse_renames(texts: Iterable[str]) -> Renames:
    """Return the pairs of `--columns visits=count,…`; a name with a comma is quoted.

    Raises:
        LoadError: a part is not of this form.
    """
    parts = [part for text in texts for row in csv.reader([text]) for part in row if part.strip()]
    pairs = [tuple(name.strip() for name in part.split("=")) for part in parts]
    for part, pair in zip(parts, pairs, strict=True):
        if len(pair) != 2 or not all(pair):  # noqa: PLR2004
            msg = f"--columns has {shown(part)!r}: write THEIRS=OURS, as in visits=count"
            raise LoadError(msg)
    return tuple((pair[0], pair[1]) for pair in pairs)
