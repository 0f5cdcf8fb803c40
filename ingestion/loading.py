"""Loading a source into the raw database, whichever source it is.

Flow: source -> dlt -> data/raw.duckdb.
Run: warehouse load [SOURCE…] [--since D] [--until D]
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from ingestion.errors import LoadError
from ingestion.progress import Progress

SOURCES: tuple[str, ...] = ("chicago-crime",)


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
    """

    source: str
    rows: dict[str, int]
    load_ids: list[str]
    started_at: datetime
    seconds: float
    newest_at: str | None = None
    notes: list[str] = field(default_factory=list)


def load(
    source: str,
    *,
    data_dir: Path,
    since: date | None,
    until: date | None,
    accept_shrink: bool,
    progress: Progress,
) -> LoadReport:
    """Bring `data_dir`/raw.duckdb up to what the source has now.

    Args:
        source: one of `SOURCES`.
        data_dir: the folder of all run-time files; made where it is absent.
        since: first day to load; what is loaded already stays and is kept current.
        until: the day after the last day to load; open where None.
        accept_shrink: load even though the source lost more than a fifth of the rows held.
        progress: where to show the work.

    Raises:
        LoadError: the source is unknown, refused, stayed away or shrank. What was committed
            before stays, and the next load goes on from there.
    """
    if source not in SOURCES:
        msg = f"there is no source named {source!r}: choose one of {', '.join(SOURCES)}"
        raise LoadError(msg)
    if since and until and since >= until:
        msg = f"--since {since} is not before --until {until}: give days with something between"
        raise LoadError(msg)
    # Importing dlt takes most of a second, which `warehouse --help` need not pay.
    from ingestion.sources.chicago_crime.load import load_chicago_crime  # noqa: PLC0415

    started_at, began = datetime.now(UTC), time.monotonic()
    result = load_chicago_crime(
        data_dir, since=since, until=until, accept_shrink=accept_shrink, progress=progress
    )
    return LoadReport(
        source=source,
        rows=result.rows,
        load_ids=result.load_ids,
        started_at=started_at,
        seconds=time.monotonic() - began,
        newest_at=result.newest_at,
        notes=result.notes,
    )
