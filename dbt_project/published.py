"""What is published: the build that readers see, and the other retained ones."""

from pathlib import Path
from typing import Any

from dbt_project.files import read_json
from dbt_project.paths import Paths

MANIFEST = "manifest.json"


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


def kept_builds(paths: Paths) -> list[Path]:
    """Complete builds, oldest first."""
    return sorted(path for path in paths.builds.glob("[!.]*") if path.is_dir())
