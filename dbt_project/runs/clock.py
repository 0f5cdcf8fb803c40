"""Refuse to run while the machine's clock is wrong: what is published says when, and how fresh."""

from datetime import UTC, datetime, timedelta

from dbt_project.files import read_json, write_json
from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from ingestion.core.errors import WarehouseError

# Nothing that this version wrote is older.
EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)
# Clocks of machines that share a data folder may differ.
TOLERANCE = timedelta(hours=1)


def require_clock(paths: Paths, now: datetime) -> None:
    """Refuse a clock that is before what happened already.

    Args:
        paths: of the warehouse.
        now: the time, UTC.

    Raises:
        WarehouseError: it is; says what the clock shows, and what to do.
    """
    build_id, published = _published(paths)
    if (read_json(paths.clock) or {}).get("was_ahead_at") == build_id:
        published = EARLIEST
    if now >= max(published - TOLERANCE, EARLIEST):
        return
    advice = "set the clock, then run again"
    what = "this version"
    if published > EARLIEST:
        what = "the newest publication"
        advice += "; if it is right and was ahead then, run `warehouse accept-clock`"
    msg = (
        f"the clock of this machine shows {now:%Y-%m-%d %H:%M} UTC, before {what} of "
        f"{published:%Y-%m-%d %H:%M}: {advice}"
    )
    raise WarehouseError(msg)


def accept_clock(paths: Paths, now: datetime) -> str:
    """Note that the clock was ahead when the newest publication was made, and is right now.

    Runs go on: the next build sorts after that publication, whose time stays as it is.

    Args:
        paths: of the warehouse; the caller holds its lock.
        now: the time, UTC.

    Returns:
        The publication.

    Raises:
        WarehouseError: the clock is not before it.
    """
    build_id, published = _published(paths)
    if now >= published - TOLERANCE:
        msg = f"the clock shows {now:%Y-%m-%d %H:%M} UTC, which no publication is after: just run"
        raise WarehouseError(msg)
    write_json(paths.clock, {"was_ahead_at": build_id})
    return build_id


def _published(paths: Paths) -> tuple[str, datetime]:
    """The build that readers see, and when it was published."""
    manifest = published_manifest(paths) or {}
    text = manifest.get("published_at")
    return str(manifest.get("build_id")), datetime.fromisoformat(text) if text else EARLIEST
