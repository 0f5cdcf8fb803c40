"""Roll back to a retained build when the newest one turns out to be wrong.

Readers see the older build at once, and no build is lost: the newer ones stay beside it. A
rollback lasts until there is something that the newest build did not have, new rows or another
project: then a run starts from what readers see and builds it with all of raw.
"""

from datetime import datetime
from typing import Any

from dbt_project.files import remove, write_json
from dbt_project.paths import Paths
from dbt_project.published import kept_builds, newest_published, read_manifest
from dbt_project.publishing.publish import prune_builds, swap_published_link
from ingestion.core.errors import WarehouseError


def rollback(paths: Paths, build_id: str, *, now: datetime) -> dict[str, Any]:
    """Publish a retained build, an older or a newer one; the published one stays as it is.

    Args:
        paths: of the warehouse; the caller holds its lock.
        build_id: the build's name.
        now: the time, UTC.

    Returns:
        The manifest of the build.

    Raises:
        WarehouseError: the build is not retained; the message names those that are.
        OSError: the folder cannot be written; readers keep what they had.
    """
    prune_builds(paths)
    kept = [build.name for build in kept_builds(paths)]
    manifest = read_manifest(paths.builds / build_id) if build_id in kept else None
    if manifest is None:
        msg = f"{build_id!r} is not a retained build; use one of: {', '.join(kept) or 'none'}"
        raise WarehouseError(msg)
    newest = newest_published(paths)
    if build_id != newest:
        # Before the link changes: without this file, newer builds would be leftovers.
        at = now.isoformat(timespec="seconds")
        write_json(paths.rolled_back, {"newest": newest, "at": at})
    # The working file may hold what is rolled back: it must not be published by accident.
    remove(paths.audit)
    swap_published_link(paths, build_id)
    if build_id == newest:
        remove(paths.rolled_back)
    return manifest
