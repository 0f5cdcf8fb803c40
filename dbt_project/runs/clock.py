"""Refuse to run while the machine's clock is wrong: builds are ordered by their times."""

from datetime import UTC, datetime, timedelta

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
    manifest = published_manifest(paths) or {}
    text = manifest.get("published_at")
    published = datetime.fromisoformat(str(text)) if text else EARLIEST
    if now >= max(published - TOLERANCE, EARLIEST):
        return
    advice = "set the clock, then run again"
    what = "this version"
    if published > EARLIEST:
        what = "the newest publication"
        advice += "; if it is right and was ahead then, restore a backup of before"
    msg = (
        f"the clock of this machine shows {now:%Y-%m-%d %H:%M} UTC, before {what} of "
        f"{published:%Y-%m-%d %H:%M}: {advice}"
    )
    raise WarehouseError(msg)
