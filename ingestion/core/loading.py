"""Loading a source into the raw database, whichever source it is.

Flow: source -> dlt -> data/raw.duckdb.
Run: warehouse load [SOURCE…] [--since D] [--until D] [--file F]
     warehouse reconcile [SOURCE…] [--since D] [--until D]
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast

from ingestion.core.clock import Clock, utc_now
from ingestion.core.errors import LoadError
from ingestion.core.progress import Progress

if TYPE_CHECKING:
    from ingestion.core.reconciliation import Days
    from ingestion.core.results import LoadResult


class Closeable(Protocol):
    """Something that is open."""

    def close(self) -> None:
        """Close it."""


T = TypeVar("T", bound=Closeable)


class LoadSession:
    """What the loads of one process keep open from one to the next; closed at its end."""

    def __init__(self) -> None:
        self._kept: dict[str, Closeable] = {}

    def kept(self, source: str, make: Callable[[], T]) -> T:
        """Return what a source keeps, made at its first load."""
        if source not in self._kept:
            self._kept[source] = make()
        return cast("T", self._kept[source])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._kept:
            self._kept.popitem()[1].close()


@dataclass(frozen=True)
class Request:
    """What a load is asked for; `load` says what each part means."""

    data_dir: Path
    since: date | None
    until: date | None
    accept_shrink: bool
    reconcile: bool
    progress: Progress
    file: Path | None
    clock: Clock
    session: LoadSession

    @property
    def days(self) -> "Days":
        """The days that are asked for."""
        from ingestion.core.reconciliation import Days  # noqa: PLC0415

        return Days(self.since, self.until)


@dataclass(frozen=True)
class LoadReport:
    """What a load did.

    Attributes:
        source: the source's name, one of `SOURCES`.
        rows: rows received into raw, by raw table; a table that received none is absent.
        load_ids: dlt's load ids, in order.
        started_at: UTC.
        seconds: how long it took.
        newest_at: the newest change at the source that was seen, as the source writes it.
        notes: what a reader should know, a sentence each.
        failures: parts of the source that could not be loaded (a country's database), and why in
            a line each; the other parts were.
    """

    source: str
    rows: dict[str, int]
    load_ids: list[str]
    started_at: datetime
    seconds: float
    newest_at: str | None = None
    notes: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


def load(
    source: str,
    *,
    data_dir: Path,
    since: date | None,
    until: date | None,
    accept_shrink: bool,
    progress: Progress,
    file: Path | None = None,
    reconcile: bool = False,
    clock: Clock = utc_now,
    session: LoadSession | None = None,
) -> LoadReport:
    """Bring `data_dir`/raw.duckdb up to what the source has now.

    A load asks for what is new. A reconciliation asks the source for counts of what was loaded,
    however old, reads again what differs, and notes what is gone.

    Args:
        source: one of `SOURCES`.
        data_dir: the folder of all run-time files; made where it is absent.
        since: first day to load; what is loaded already stays and is kept current. First day to
            reconcile; every day where None.
        until: the day after the last day; open where None.
        accept_shrink: load even though the source lost more than a fifth of the rows held.
        progress: where to show the work.
        file: load this file instead of asking the source; chicago-crime takes none.
        reconcile: compare what was loaded with the source instead of asking for what is new.
        clock: the moment, with its zone.
        session: what stays open for the next load; everything is closed at the end without one.

    Raises:
        LoadError: the source is unknown, refused, stayed away or shrank. What was committed
            before stays, and the next load goes on from there.
    """
    _require_known(source)
    _require_days(since, until)
    started_at, began = clock(), time.monotonic()
    with ExitStack() as stack:
        session = session or stack.enter_context(LoadSession())
        request = Request(
            data_dir, since, until, accept_shrink, reconcile, progress, file, clock, session
        )
        result = _LOADERS[source](request)
    return LoadReport(
        source=source,
        started_at=started_at,
        seconds=time.monotonic() - began,
        **vars(result),
    )


def _require_days(since: date | None, until: date | None) -> None:
    if since and until and since >= until:
        msg = f"--since {since} is not before --until {until}: give days with something between"
        raise LoadError(msg)


def _require_known(source: str) -> None:
    if source not in SOURCES:
        msg = f"there is no source named {source!r}: choose one of {', '.join(SOURCES)}"
        raise LoadError(msg)


def configured(source: str) -> bool:
    """Tell whether a source can be loaded without more being set: its address is known."""
    if source == "store-sensors":
        from ingestion.sources.store_sensors import config as sensors  # noqa: PLC0415

        return sensors.is_configured()
    if source == "pisa":
        from ingestion.sources.pisa import config as pisa  # noqa: PLC0415

        return pisa.is_configured()
    return source in SOURCES


def addresses(source: str) -> list[str]:
    """Return where the configuration says that a source is, as URLs; none where it says nothing.

    Raises:
        LoadError: the configuration cannot be read.
    """
    if source == "pisa":
        from ingestion.sources.pisa import config as pisa  # noqa: PLC0415

        databases = pisa.resolve_config().databases if pisa.is_configured() else {}
        return [str(url) for url in databases.values()]
    from dlt import config  # noqa: PLC0415

    base_url = config.get(f"sources.{source.replace('-', '_')}.base_url", str)
    return [base_url] if base_url else []


# Importing dlt takes most of a second, which `warehouse --help` need not pay.
def _load_chicago_crime(request: Request) -> "LoadResult":
    from ingestion.sources.chicago_crime.load import (  # noqa: PLC0415
        load_chicago_crime,
        reconcile_chicago_crime,
    )

    if request.file is not None:
        msg = "chicago-crime takes no --file: only store-sensors and pisa do"
        raise LoadError(msg)
    if request.reconcile:
        return reconcile_chicago_crime(
            request.data_dir,
            request.days,
            accept_shrink=request.accept_shrink,
            progress=request.progress,
            clock=request.clock,
        )
    return load_chicago_crime(
        request.data_dir,
        since=request.since,
        until=request.until,
        accept_shrink=request.accept_shrink,
        progress=request.progress,
    )


def _load_store_sensors(request: Request) -> "LoadResult":
    from ingestion.sources.store_sensors.load import load_store_sensors  # noqa: PLC0415
    from ingestion.sources.store_sensors.reconcile import (  # noqa: PLC0415
        reconcile_store_sensors,
    )

    if request.reconcile:
        return reconcile_store_sensors(
            request.data_dir,
            request.days,
            accept_shrink=request.accept_shrink,
            progress=request.progress,
            clock=request.clock,
        )
    if request.file is not None and (request.since or request.until):
        msg = "--file loads the whole file: leave out --since and --until"
        raise LoadError(msg)
    return load_store_sensors(
        request.data_dir,
        since=request.since,
        until=request.until,
        progress=request.progress,
        file=request.file,
        clock=request.clock,
    )


def _load_pisa(request: Request) -> "LoadResult":
    from ingestion.sources.pisa.load import load_pisa  # noqa: PLC0415
    from ingestion.sources.pisa.memory import Memory  # noqa: PLC0415
    from ingestion.sources.pisa.reconcile import reconcile_pisa  # noqa: PLC0415

    if request.reconcile:
        return reconcile_pisa(
            request.data_dir,
            request.days,
            accept_shrink=request.accept_shrink,
            progress=request.progress,
            clock=request.clock,
        )
    if request.file is not None:
        # What reads the survey's files takes half a second to import.
        from ingestion.sources.pisa.files import load_file  # noqa: PLC0415

        if request.since or request.until:
            msg = "--file loads the whole file: leave out --since and --until"
            raise LoadError(msg)
        return load_file(request.data_dir, request.file, request.progress)
    if request.until:
        msg = "pisa takes no --until: every submission is loaded up to now"
        raise LoadError(msg)
    return load_pisa(
        request.data_dir,
        since=request.since,
        accept_shrink=request.accept_shrink,
        progress=request.progress,
        clock=request.clock,
        memory=request.session.kept("pisa", Memory),
    )


_LOADERS: dict[str, Callable[[Request], "LoadResult"]] = {
    "chicago-crime": _load_chicago_crime,
    "store-sensors": _load_store_sensors,
    "pisa": _load_pisa,
}
SOURCES: tuple[str, ...] = tuple(_LOADERS)
