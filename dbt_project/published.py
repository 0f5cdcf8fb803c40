"""What is published: the build that readers see, and the other retained ones."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dbt_project.files import read_json
from dbt_project.paths import Paths

MANIFEST = "manifest.json"
# When a build was published, UTC, and the beginning of dbt's id of it.
BUILD_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
TIME, TIME_LENGTH = "%Y%m%dT%H%M%SZ", 16


def read_manifest(build: Path) -> dict[str, Any] | None:
    """The manifest in a build's folder; None where there is none."""
    return read_json(build / MANIFEST)


def published_manifest(paths: Paths) -> dict[str, Any] | None:
    """The manifest that readers see now; None where nothing was published yet."""
    return read_manifest(paths.published)


def newest_published(paths: Paths) -> str:
    """The newest build that was ever published, even after a rollback; or empty."""
    current = paths.published.readlink().name if paths.published.is_symlink() else ""
    rolled_back = (read_json(paths.rolled_back) or {}).get("newest", "")
    return max(current, rolled_back if (paths.builds / rolled_back).is_dir() else "")


def new_build_id(paths: Paths, now: datetime, invocation_id: str) -> str:
    """A name for the next build, which sorts after that of the newest whatever the clock shows."""
    time, newest = f"{now:{TIME}}", newest_published(paths)
    if BUILD_ID.fullmatch(newest) and newest[:TIME_LENGTH] >= time:
        after = datetime.strptime(newest[:TIME_LENGTH], TIME).replace(tzinfo=UTC)
        time = f"{after + timedelta(seconds=1):{TIME}}"
    return f"{time}-{invocation_id[:6]}"


def kept_builds(paths: Paths) -> list[Path]:
    """Complete builds, oldest first; what else somebody put beside them is not ours."""
    return sorted(
        path for path in paths.builds.glob("*") if BUILD_ID.fullmatch(path.name) and path.is_dir()
    )


def partial_builds(paths: Paths) -> list[Path]:
    """Folders of builds that are being written, or that a killed publication left."""
    return [
        path
        for path in paths.builds.glob(".*.partial")
        if BUILD_ID.fullmatch(path.name.removeprefix(".").removesuffix(".partial"))
    ]
