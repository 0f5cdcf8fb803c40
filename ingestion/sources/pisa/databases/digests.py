"""Counts and checksums by hour of submission, that are the same at a source and in raw.

A row's checksum is over its id and every text that raw has of it; an hour's is the sum of those,
so that no order matters and parts of an hour can be added.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ingestion.sources.pisa.columns import ANSWERS

# `2026-06-17T10`; of a time that is none, what it begins with; an empty text where there is none.
LETTERS_OF_HOUR = 13
# Signs that no answer has: they keep texts apart, and nulls from empty texts.
BETWEEN, NOTHING = "chr(31)", "chr(30)"
TEXTS = ("created_at", *ANSWERS)
# The first 60 bits of md5, as a number that no database makes a negative one.
DIGITS = 15

HOUR = f"left(coalesce(created_at, ''), {LETTERS_OF_HOUR})"
OF_ROW = f"concat_ws({BETWEEN}, id, {', '.join(f'coalesce({t}, {NOTHING})' for t in TEXTS)})"
OF_HOUR = f"sum(cast('0x' || substr(md5({OF_ROW}), 1, {DIGITS}) as bigint))"


@dataclass(frozen=True)
class Hour:
    """The rows that were submitted in an hour."""

    rows: int = 0
    digest: int = 0

    def __add__(self, other: "Hour") -> "Hour":
        return Hour(self.rows + other.rows, self.digest + other.digest)


Hours = dict[str, Hour]


def summed(parts: Iterable[tuple[str, int, int]]) -> Hours:
    """Return hours of which each may come in parts."""
    hours: Hours = {}
    for hour, rows, digest in parts:
        hours[hour] = hours.get(hour, Hour()) + Hour(int(rows), int(digest))
    return hours


def hours_of(pages: Iterable[pa.Table]) -> Hours:
    """Return the hours of rows as raw would hold them."""
    with duckdb.connect() as connection:

        def parts() -> Iterable[tuple[str, int, int]]:
            for page in pages:
                connection.register("page", page)
                yield from connection.execute(
                    f"select {HOUR}, count(*), {OF_HOUR} from page group by all"
                ).fetchall()

        return summed(parts())
