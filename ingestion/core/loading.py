"""Loading a source into the raw database, whichever source it is.

Flow: source -> dlt -> data/raw.duckdb.
Run: warehouse load [SOURCE…] [--since D] [--until D] [--file F]
     warehouse reconcile [SOURCE…] [--since D] [--until D]
"""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar, cast

from ingestion.core.clock import utc_now
from ingestion.core.progress import Progress
from ingestion.core.registry import find_source
from ingestion.core.source import NO_OPTIONS, LoadOptions, LoadResult, Request


class Closeable(Protocol):
    """Something that is open."""

    def close(self) -> None:
        """Close it."""


T = TypeVar("T", bound=Closeable)


class LoadSession(ExitStack):
    """What the loads of one process keep open from one to the next; closed at its end."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, Closeable] = {}

    def kept(self, source: str, make: Callable[[], T]) -> T:
        """Return what a source keeps, made at its first load."""
        if source not in self._kept:
            self._kept[source] = self.enter_context(closing(make()))
        return cast("T", self._kept[source])


@dataclass(kw_only=True)
class LoadReport(LoadResult):
    """What a load did, and when.

    Attributes:
        source: the source's name.
        started_at: UTC.
        seconds: how long it took.
    """

    source: str
    started_at: datetime
    seconds: float


def load(
    source: str,
    options: LoadOptions = NO_OPTIONS,
    *,
    data_dir: Path,
    progress: Progress,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
    session: LoadSession | None = None,
) -> LoadReport:
    """Bring `data_dir`/raw.duckdb up to what the source has now.

    A load asks for what is new. A reconciliation asks the source for counts of what was loaded,
    however old, reads again what differs, and notes what was deleted.

    Args:
        source: its name.
        options: what to load, or to reconcile.
        data_dir: the folder of all run-time files; made where it is absent.
        progress: where to show the work.
        clock: the moment, with its zone.
        sleep: waits between attempts.
        session: what stays open for the next load; everything is closed at the end without one.

    Raises:
        LoadError: the source does not take an option, refused, could not be reached or shrank.
            What was committed before stays, and the next load goes on from there.
        WarehouseError: there is no such source.
    """
    found = find_source(source)
    options.require_taken([found])
    started_at, began = clock(), time.monotonic()
    with ExitStack() as stack:
        session = session or stack.enter_context(LoadSession())
        request = Request(found, data_dir, options, progress, clock, session, sleep)
        result = found.run(request)
    seconds = time.monotonic() - began
    return LoadReport(source=source, started_at=started_at, seconds=seconds, **vars(result))
