"""What a build has to cover: the whole project, or what depends on sources with new rows.

What is published passed its audit; while neither the project nor raw changed since, another build
would give the same rows.
"""

import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from dbt_project.build.raw import summaries
from dbt_project.paths import Paths
from dbt_project.published import read_manifest

FILES = ("dbt_project.yml", "profiles.yml")
FOLDERS = ("models", "seeds", "macros", "tests/generic", "tests/singular")
# Views of the marts as they are before a build; they differ before the first one.
PREVIOUS = "path:models/staging/previous"
# The mart of runs: each build updates it, none is necessary for it.
RUNS = "warehouse_runs"
ENGINES = ("dbt-core", "dbt-duckdb", "duckdb")


def fingerprint(project: Path) -> str:
    """A hash of everything that determines what a build makes of the same raw rows."""
    digest = hashlib.sha256()
    for engine in ENGINES:
        digest.update(f"{engine} {_installed(engine)}\n".encode())
    for path in _files(project):
        found = path.stat()
        content = _content_hash(path, found.st_mtime_ns, found.st_size)
        digest.update(f"{path.relative_to(project)} {content}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=2048)
def _content_hash(path: Path, modified_at: int, size: int) -> str:
    """A hash of a file, which is read again if its time or size changed.

    `watch` asks several times in each iteration.
    """
    del modified_at, size
    return hashlib.sha256(path.read_bytes()).hexdigest()


@lru_cache(maxsize=len(ENGINES))
def _installed(engine: str) -> str:
    return version(engine)


def changed_sources(paths: Paths, build: Path | None = None) -> list[str] | None:
    """The sources whose raw rows are not those of a build.

    Args:
        paths: of the warehouse.
        build: its folder; the published one where there is none.

    Returns:
        Names as on the command line, empty if nothing is new; None if everything must be built,
        since there is no such build, or the project changed since then.

    Raises:
        RawInUseError: another process has the raw file open.
    """
    made = read_manifest(build or paths.published)
    if made is None or made.get("project") != fingerprint(paths.project):
        return None
    before = made["freshness"]
    return [
        name
        for name, summary in summaries(paths.raw).items()
        if summary.last_load_id != before.get(name, {}).get("last_load_id")
    ]


def selection(sources: list[str]) -> list[str]:
    """Dbt's selection of what depends on sources, and of the mart of runs.

    That mart alone, not the views it reads: they exist since the first build, which is complete,
    and creating them again takes longer than the rest of it.
    """
    return [*(f"source:{name.replace('-', '_')}+" for name in sources), PREVIOUS, RUNS]


def _files(project: Path) -> Iterator[Path]:
    yield from (project / name for name in FILES)
    for folder in FOLDERS:
        for parent, folders, names in os.walk(project / folder):
            # In a fixed order.
            folders.sort()
            yield from (Path(parent, name) for name in sorted(names))
