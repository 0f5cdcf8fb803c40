"""A file of SPSS or SAS, read by pyreadstat, whatever the encoding of its texts.

Old national files call themselves UTF-8 and have labels in Latin-1. Labels are not read, and the
texts that are (countries, cycles) are ASCII, which every encoding has: a text that does not fit the
file's own encoding is read byte by byte, and nothing that is kept differs by it.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

# Every byte is a character in it.
BYTE_BY_BYTE = "LATIN1"
# What ReadStat says of such a text, or of an encoding that it does not know.
IS_OF_ENCODING = ("requested encoding", "character set")


class StatisticsFile:
    """A file.

    Args:
        file: where it is.
        read: the function of pyreadstat for its kind.

    Raises:
        ReadstatError: from every method; the file cannot be read.
    """

    def __init__(self, file: Path, read: Callable[..., Any]) -> None:
        self._file = str(file)
        self._read = read
        self._encoding: str | None = None

    def about(self) -> Any:
        """Return the metadata."""
        return self._called(metadataonly=True)[1]

    def chunks(self, rows: int, columns: Sequence[str]) -> Iterator["pd.DataFrame"]:
        """Yield the file's rows, some at a time; times stay numbers.

        Args:
            rows: of a chunk. Each chunk is found by skipping the rows before it, which takes about
                a second for a million rows: few chunks cost little, many small ones would not.
            columns: to read.
        """
        at = 0
        while True:
            frame, _ = self._called(
                row_offset=at,
                row_limit=rows,
                usecols=[*columns],
                disable_datetime_conversion=True,
            )
            if len(frame):
                yield frame
            if len(frame) < rows:
                return
            at += rows

    def _called(self, **options: Any) -> tuple[Any, Any]:
        """Call pyreadstat; again, byte by byte, where the texts do not fit the encoding."""
        try:
            found: tuple[Any, Any] = self._read(self._file, encoding=self._encoding, **options)
        except pyreadstat.ReadstatError as error:
            is_encoding = any(part in str(error) for part in IS_OF_ENCODING)
            if self._encoding or not is_encoding:
                raise
            self._encoding = BYTE_BY_BYTE
            return self._called(**options)
        return found
