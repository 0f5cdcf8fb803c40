"""What is read of one country in one moment: first what is new, then what is missing."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pyarrow as pa

from ingestion.core.raw.reconciliation import differing_periods
from ingestion.sources.pisa.databases.database import Summary
from ingestion.sources.pisa.databases.database_ref import DatabaseRef
from ingestion.sources.pisa.databases.digests import Hour, Hours
from ingestion.sources.pisa.databases.open_databases import OpenDatabases

# Wide enough that buckets are few, narrow enough that one missing row costs little.
MIN_WIDTH, MAX_BUCKETS = 1_000, 1_000


def read_new(
    databases: OpenDatabases, ref: DatabaseRef, since: datetime | None
) -> Iterator[Summary | pa.Table]:
    """Yield what is there, then pages of the rows that were created since."""
    with databases.reading(ref) as database:
        there = database.summary()
        ref.require_not_shrunk(there.rows)
        yield there
        if there.rows:
            yield from database.submitted_since(since)


def width_of(there: Summary) -> int:
    """Return how many ids a bucket spans."""
    return max(MIN_WIDTH, (there.most - there.least) // MAX_BUCKETS + 1)


def read_missing(
    databases: OpenDatabases, ref: DatabaseRef, there: Summary, loaded: dict[int, Summary]
) -> Iterator[Summary | pa.Table]:
    """Yield what is there up to the id seen before, then pages of the buckets that differ.

    Args:
        databases: those that are open.
        ref: the database.
        there: what it answered before, in this load.
        loaded: what raw has, by bucket of `width_of(there)` ids.
    """
    width = width_of(there)
    with databases.reading(ref) as database:
        now = database.buckets(width, there.most)
        yield Summary(sum(b.rows for b in now.values()), sum(b.ids for b in now.values()))
        for first, last in _ranges(now, loaded, width):
            yield from database.between(max(first, there.least), min(last, there.most))


def read_differing(
    databases: OpenDatabases, ref: DatabaseRef, loaded: Hours, is_asked: Callable[[str], bool]
) -> Iterator[Hours | pa.Table]:
    """Yield the hours of submission that are there, then pages of those that differ from raw.

    Args:
        databases: those that are open.
        ref: the database.
        loaded: what raw has of it.
        is_asked: whether an hour is to be compared.
    """
    with databases.reading(ref) as database:
        there = database.hours()
        ref.require_not_shrunk(sum(hour.rows for hour in there.values()))
        yield there
        if differing := [hour for hour in differing_hours(there, loaded) if is_asked(hour)]:
            yield from database.of_hours(differing)


def differing_hours(there: Hours, loaded: Hours) -> list[str]:
    """Return the hours of which a source and raw do not have the same rows."""
    return sorted(differing_periods(there, loaded, Hour()))


def _ranges(
    now: dict[int, Summary], loaded: dict[int, Summary], width: int
) -> Iterator[tuple[int, int]]:
    """Yield the spans of ids of neighbouring buckets of which raw does not have all rows."""
    nothing = Summary(0, 0)
    differing = sorted(at for at, rows in now.items() if not rows.is_of(loaded.get(at, nothing)))
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
