"""What is read of one country in one moment: first what is new, then what is missing."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

import pyarrow as pa

from ingestion.sources.pisa.databases import Summary
from ingestion.sources.pisa.digests import Hour, Hours
from ingestion.sources.pisa.open_databases import OpenDatabases
from ingestion.sources.pisa.place import Place

T = TypeVar("T")
# Wide enough that buckets are few, narrow enough that one missing row costs little.
LEAST_WIDTH, MOST_BUCKETS = 1_000, 1_000


def read_new(
    databases: OpenDatabases, place: Place, since: datetime | None
) -> Iterator[Summary | pa.Table]:
    """Yield what is there, then pages of the rows that were created since."""
    with databases.reading(place) as database:
        there = database.summary()
        place.require_not_shrunk(there.rows)
        yield there
        if there.rows:
            yield from database.submitted_since(since)


def width_of(there: Summary) -> int:
    """Return how many ids a bucket spans."""
    return max(LEAST_WIDTH, (there.most - there.least) // MOST_BUCKETS + 1)


def read_missing(
    databases: OpenDatabases, place: Place, there: Summary, held: dict[int, Summary]
) -> Iterator[Summary | pa.Table]:
    """Yield what is there up to the id seen before, then pages of the buckets that differ.

    Args:
        databases: those that are open.
        place: the database.
        there: what it said before, in this load.
        held: what raw holds, by bucket of `width_of(there)` ids.
    """
    width = width_of(there)
    with databases.reading(place) as database:
        now = database.buckets(width, there.most)
        yield Summary(sum(b.rows for b in now.values()), sum(b.ids for b in now.values()))
        for first, last in _ranges(now, held, width):
            yield from database.between(max(first, there.least), min(last, there.most))


def read_differing(
    databases: OpenDatabases, place: Place, held: Hours, is_asked: Callable[[str], bool]
) -> Iterator[Hours | pa.Table]:
    """Yield the hours of submission that are there, then pages of those that differ from raw.

    Args:
        databases: those that are open.
        place: the database.
        held: what raw holds of it.
        is_asked: whether an hour is to be compared.
    """
    with databases.reading(place) as database:
        there = database.hours()
        place.require_not_shrunk(sum(hour.rows for hour in there.values()))
        yield there
        if differing := [hour for hour in differing_hours(there, held) if is_asked(hour)]:
            yield from database.of_hours(differing)


def differing_hours(there: Hours, held: Hours) -> list[str]:
    """Return the hours of which a source and raw do not have the same rows."""
    nothing = Hour()
    hours = sorted({*there, *held})
    return [hour for hour in hours if there.get(hour, nothing) != held.get(hour, nothing)]


def _ranges(
    now: dict[int, Summary], held: dict[int, Summary], width: int
) -> Iterator[tuple[int, int]]:
    """Yield the spans of ids of neighbouring buckets of which raw does not hold all rows."""
    nothing = Summary(0, 0)
    differing = sorted(at for at, rows in now.items() if not rows.is_of(held.get(at, nothing)))
    span: tuple[int, int] | None = None
    for at in differing:
        # A remainder takes the dividend's sign: buckets below zero reach down from their name.
        first, last = (at if at > 0 else at - width + 1), (at + width - 1 if at >= 0 else at)
        if span and first <= span[1] + 1:
            span = span[0], last
            continue
        if span:
            yield span
        span = first, last
    if span:
        yield span
