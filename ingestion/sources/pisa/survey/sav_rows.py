"""How many rows a .sav has whose header does not say it, counted apart from its reader.

Programs that write to a pipe leave the number out (-1). The reader then takes what is there: of a
file that was cut it gives fewer rows, and no error.
Format: header of 176 bytes; dictionary, whose records for variables give the width of a row in
    units of 8 bytes; rows, plain, or as blocks of 8 commands that precede the values they announce.
Source: the file format as PSPP documents it.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from ingestion.core.files.errors import FileError, display_name

HEADER_BYTES, UNIT, COMMANDS = 176, 8, 8
LAYOUT_AT, COMPRESSION_AT, ROWS_AT = 64, 72, 80
PLAIN, BYTECODE = 0, 1
VARIABLE, LABELS, LABELLED, DOCUMENT, EXTENSION, END = 2, 3, 4, 6, 7, 999
SKIPPED, END_OF_FILE, LITERAL = b"\x00", b"\xfc", b"\xfd"


@dataclass(frozen=True)
class RowsFound:
    """What is in a file.

    Attributes:
        rows: whole ones.
        is_end_known: whether the file shows that nothing follows.
    """

    rows: int
    is_end_known: bool


def find_rows(file: Path) -> RowsFound | None:
    """Return the rows of a .sav whose header does not say how many there are; otherwise None.

    Raises:
        FileError: its last row is not whole, or its dictionary is not.
    """
    with file.open("rb") as opened:
        header = opened.read(HEADER_BYTES)
        if not header.startswith(b"$FL2") or len(header) < HEADER_BYTES:
            return None
        order = "<" if header[LAYOUT_AT] in {2, 3} else ">"
        compression, rows = (
            struct.unpack_from(f"{order}i", header, at)[0] for at in (COMPRESSION_AT, ROWS_AT)
        )
        if rows >= 0 or compression not in {PLAIN, BYTECODE}:
            return None
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            try:
                width, begin = _dictionary(content, order)
            except struct.error as error:
                raise _cut(file) from error
            units, is_end_known = (_plain if compression == PLAIN else _commands)(content, begin)
    if units is None or units % width:
        raise _cut(file)
    return RowsFound(units // width, is_end_known)


def _cut(file: Path) -> FileError:
    return FileError(
        f"{display_name(file.name)} is cut off: its last row is not whole; download it again, "
        "then load it"
    )


def _dictionary(content: mmap.mmap, order: str) -> tuple[int, int]:
    """Return the units of a row, and where the first row begins."""
    at, width = HEADER_BYTES, 0

    def number(offset: int) -> int:
        found: int = struct.unpack_from(f"{order}i", content, at + offset)[0]
        return found

    while (record := number(0)) != END:
        if record == VARIABLE:
            width += 1
            label = 4 + -(-number(32) // 4) * 4 if number(8) else 0
            at += 32 + label + UNIT * abs(number(12))
        elif record == LABELS:
            count = number(4)
            at += 8
            for _ in range(count):
                at += UNIT + -(-(1 + content[at + UNIT]) // UNIT) * UNIT
        elif record == LABELLED:
            at += 8 + 4 * number(4)
        elif record == DOCUMENT:
            at += 8 + 80 * number(4)
        elif record == EXTENSION:
            at += 16 + number(8) * number(12)
        else:
            msg = f"record {record}"
            raise struct.error(msg)
    return max(width, 1), at + 8


def _plain(content: mmap.mmap, begin: int) -> tuple[int | None, bool]:
    size = len(content) - begin
    return (None if size % UNIT else size // UNIT), False


def _commands(content: mmap.mmap, begin: int) -> tuple[int | None, bool]:
    """Return how many values the commands give, and whether one of them ends the file."""
    at, units = begin, 0
    while at < len(content):
        commands = content[at : at + COMMANDS]
        before_end, end, _ = commands.partition(END_OF_FILE)
        at += COMMANDS + UNIT * before_end.count(LITERAL)
        units += len(before_end) - before_end.count(SKIPPED)
        if end:
            return (units if at <= len(content) else None), True
    # Commands, or the values that they announce, may lie behind the end.
    return (units if at == len(content) else None), False
