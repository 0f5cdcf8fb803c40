"""Faults that files have: each changes a draft at a place that chance chooses."""

import gzip
import io
import zipfile
from collections.abc import Callable

import pyarrow as pa

from tests.support.fuzzing.drafts import Draft

Fault = Callable[[Draft], None]


def _benign(**changes: object) -> Fault:
    def fault(draft: Draft) -> None:
        draft.must_load = True
        for name, value in changes.items():
            setattr(draft, name, value)

    return fault


def _packed(pack: Callable[[bytes], bytes], *, must_load: bool = True) -> Fault:
    def fault(draft: Draft) -> None:
        draft.must_load = must_load
        draft.pack.append(pack)

    return fault


def _lines(
    change: Callable[[list[str], int, Draft], list[str]], *, must_load: bool = False
) -> Fault:
    """Change the lines; the number is of one after the header."""

    def fault(draft: Draft) -> None:
        place = 1 + draft.one()
        draft.must_load = must_load
        draft.lines.append(lambda lines: change(list(lines), place, draft))

    return fault


def _number(write: Callable[[str], str]) -> Fault:
    def fault(draft: Draft) -> None:
        row, at = draft.rows[draft.one()], draft.at(draft.form.number)
        row[at] = write(row[at])

    return fault


def _day(write: Callable[[str, str, str], str]) -> Fault:
    def fault(draft: Draft) -> None:
        if draft.form.day:
            row, at = draft.rows[draft.one()], draft.at(draft.form.day)
            day, _, time = row[at].partition(" ")
            year, month, of_month = day.split("-") if "-" in day else (day[6:], day[:2], day[3:5])
            row[at] = f"{write(year, month, of_month)} {time}".rstrip()

    return fault


def _key(write: Callable[[str], str]) -> Fault:
    def fault(draft: Draft) -> None:
        row, at = draft.rows[draft.one()], draft.at(draft.form.key)
        row[at] = write(row[at])

    return fault


def _header(write: Callable[[list[str]], list[str]], *, must_load: bool = False) -> Fault:
    def fault(draft: Draft) -> None:
        draft.must_load = must_load
        draft.lines.append(lambda lines: [draft.separator.join(write(draft.header[:])), *lines[1:]])

    return fault


def _cut(draft: Draft) -> None:
    data = draft.content()
    draft.changed, draft.is_cut = data[: draft.random.randrange(len(data))], True


def _without_end(draft: Draft) -> None:
    draft.has_last_end = False
    draft.is_cut = not draft.form.last_shows_cut
    draft.must_load = True


def _flipped(draft: Draft) -> None:
    data = bytearray(draft.content())
    place = draft.random.randrange(data.index(b"\n"), len(data))
    data[place] ^= 1 << draft.random.randrange(8)
    draft.changed = bytes(data)


def _byte(value: bytes) -> Fault:
    def fault(draft: Draft) -> None:
        data = draft.content()
        place = draft.random.randrange(data.index(b"\n") + 1, len(data))
        draft.changed = data[:place] + value + data[place:]

    return fault


def _swapped(draft: Draft) -> None:
    one, other = draft.random.sample(range(len(draft.header)), 2)
    for cells in (draft.header, *draft.rows):
        cells[one], cells[other] = cells[other], cells[one]
    draft.must_load = True


def _swapped_cells(draft: Draft) -> None:
    one, other = draft.random.sample(range(len(draft.header)), 2)
    row = draft.rows[draft.one()]
    row[one], row[other] = row[other], row[one]


def _in_cell(change: Callable[[str], str]) -> Fault:
    def fault(draft: Draft) -> None:
        row = draft.rows[draft.one()]
        place = draft.random.randrange(len(row))
        row[place] = change(row[place])

    return fault


def _other_order(lines: list[str], place: int, draft: Draft) -> list[str]:
    again = [draft.separator.join(line.split(draft.separator)[::-1]) for line in lines]
    return [*lines[:place], *again]


def _zip(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/export.csv", data)
    return target.getvalue()


def _two_in_a_zip(data: bytes) -> bytes:
    target = io.BytesIO(_zip(data))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("other.csv", data)
    return target.getvalue()


def _zst(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


def _halves(data: bytes) -> bytes:
    return gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])


# Of the rows, in files of every kind.
OF_CELLS: dict[str, Fault] = {
    "none": _benign(),
    "no-break space": _in_cell(lambda cell: f"{cell}\u00a0"),
    "zero-width space": _in_cell(lambda cell: f"\u200b{cell}"),
    "an open quote": _in_cell(lambda cell: f'"{cell}'),
    "a quote in a cell": _in_cell(lambda cell: f'{cell[:1]}"{cell[1:]}'),
    "text after a quote": _in_cell(lambda cell: f'"{cell}"x'),
    "a line break in quotes": _in_cell(lambda cell: f'"{cell[:1]}\n{cell[1:]}"'),
    "a cell quoted": _in_cell(lambda cell: f'"{cell}"'),
    "a long cell": _in_cell(lambda cell: cell + "x" * 100_000),
    "a cell empty": _in_cell(lambda cell: ""),
    "columns swapped": _swapped,
    "cells swapped": _swapped_cells,
    "thousands": _number(lambda cell: f'"{cell[0]},{cell[1:]}"'),
    "decimal comma": _number(lambda cell: f'"{cell},0"'),
    "a fraction of zeros": _number(lambda cell: cell if "." in cell else f"{cell}.0"),
    "an exponent": _number(lambda cell: f"{cell}E+01"),
    "an underscore": _number(lambda cell: f"{cell[0]}_{cell[1:]}"),
    "a plus": _number(lambda cell: f"+{cell}"),
    "a space": _number(lambda cell: f" {cell}"),
    "hexadecimal": _number(lambda cell: "0x10"),
    "not a number": _number(lambda cell: "NaN"),
    "infinity": _number(lambda cell: "inf"),
    "fullwidth digits": _number(lambda cell: "".join(chr(ord(c) + 0xFEE0) for c in cell)),
    "day first": _day(lambda y, m, d: f"{d}/{m}/{y}"),
    "month first": _day(lambda y, m, d: f"{m}/{d}/{y}"),
    "no dashes": _day(lambda y, m, d: f"{y}{m}{d}"),
    "no zeros": _day(lambda y, m, d: f"{y}-{int(m)}-{int(d)}"),
    "two digits of the year": _day(lambda y, m, d: f"{y[2:]}-{m}-{d}"),
    "a day with a time": _day(lambda y, m, d: f"{y}-{m}-{d}T23:30:00Z"),
    "a spreadsheet's day": _day(lambda y, m, d: "45474"),
    "no key": _key(lambda cell: ""),
    "a key of a space": _key(lambda cell: " "),
}
# Of the bytes, in files of text.
OF_BYTES: dict[str, Fault] = {
    "cut at a byte": _cut,
    "a bit flipped": _flipped,
    "a NUL byte": _byte(b"\0"),
    "a byte that is not UTF-8": _byte(b"\xff"),
    "half of a UTF-8 letter": _byte(b"\xc3"),
    "a line end in a line": _byte(b"\n"),
    "CR in a line": _byte(b"\r"),
    "gzip": _packed(gzip.compress),
    "gzip of two members": _packed(_halves),
    "zip": _packed(_zip),
    "zip of two tables": _packed(_two_in_a_zip, must_load=False),
    "zstd": _packed(_zst),
    "gzip cut": _packed(lambda data: gzip.compress(data)[:-6], must_load=False),
    "gzip with more behind": _packed(lambda data: gzip.compress(data) + b"more", must_load=False),
    "zip cut": _packed(lambda data: _zip(data)[:-20], must_load=False),
    "zstd cut": _packed(lambda data: _zst(data)[:-6], must_load=False),
    "a web page": _packed(lambda data: b"<!DOCTYPE html><html>Sign in</html>", must_load=False),
    "an answer with an error": _packed(lambda data: b'{"error": "not found"}', must_load=False),
    "empty": _packed(lambda data: b"", must_load=False),
    "a header alone": _packed(lambda data: data[: data.index(b"\n") + 1], must_load=False),
}
OF_LINES: dict[str, Fault] = {
    "no last line end": _without_end,
    "CRLF": _benign(end="\r\n"),
    "CR": _benign(end="\r"),
    "CR CR LF": _benign(end="\r\r\n"),
    "semicolons": _benign(separator=";"),
    "tabs": _benign(separator="\t"),
    "pipes": _benign(separator="|"),
    "UTF-8 with a mark": _benign(encoding="utf-8-sig"),
    "UTF-16": _benign(encoding="utf-16"),
    "UTF-16, no mark": _benign(encoding="utf-16-le"),
    "UTF-16 BE, no mark": _benign(encoding="utf-16-be"),
    "UTF-32": _benign(encoding="utf-32"),
    "Excel's first line": _benign(before=["sep=,"]),
    "a cell more": _lines(lambda lines, n, d: [*lines[:n], f"{lines[n]},7", *lines[n + 1 :]]),
    "a cell less": _lines(
        lambda lines, n, d: [*lines[:n], lines[n].rpartition(",")[0], *lines[n + 1 :]]
    ),
    "a line without its beginning": _lines(
        lambda lines, n, d: [*lines[:n], lines[n][len(lines[n]) // 2 :], *lines[n + 1 :]]
    ),
    "two lines as one": _lines(
        lambda lines, n, d: [*lines[:n], "".join(lines[n : n + 2]), *lines[n + 2 :]]
    ),
    "a row doubled": _lines(lambda lines, n, d: [*lines[:n], lines[n], *lines[n:]], must_load=True),
    "rows in another order": _lines(
        lambda lines, n, d: [lines[0], *lines[n:], *lines[1:n]], must_load=True
    ),
    "blank lines": _lines(lambda lines, n, d: [*lines[:n], "", " ", *lines[n:]], must_load=True),
    "separators alone": _lines(
        lambda lines, n, d: [*lines, "," * (len(d.header) - 1)], must_load=True
    ),
    "the header again": _lines(lambda lines, n, d: [*lines[:n], lines[0], *lines[n:]]),
    "files put together in another order": _lines(_other_order),
    "a mark inside": _lines(
        lambda lines, n, d: [*lines[:n], f"\ufeff{lines[n]}", *lines[n + 1 :]], must_load=True
    ),
    "a sum at the end": _lines(lambda lines, n, d: [*lines, "Total,,,,9999,"]),
    "a title": _lines(lambda lines, n, d: ["Export of today", *lines]),
    "a comment": _lines(lambda lines, n, d: [*lines[:n], "# checked", *lines[n:]]),
    "names in other case": _header(lambda names: [n.swapcase() for n in names], must_load=True),
    "names with spaces": _header(
        lambda names: [f" {name} ".replace("_", " ") for name in names], must_load=True
    ),
    "a name missing": _header(lambda names: ["unknown", *names[1:]]),
    "a name twice": _header(lambda names: [*names[:-1], names[0]]),
    "no header": _lines(lambda lines, n, d: lines[1:]),
}
FAULTS = {
    "csv": OF_CELLS | OF_BYTES | OF_LINES,
    "json": OF_CELLS | OF_BYTES,
    # A bit flipped in an uncompressed page of Parquet makes a file that says something else.
    "parquet": OF_CELLS | {"cut at a byte": _cut},
}
