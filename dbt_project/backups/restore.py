"""Restore a backup into an empty data folder.

Until everything is there and has its checksum, a mark in the folder makes other commands refuse it,
and the next restoration starts over.
"""

from pathlib import Path, PurePosixPath

from dbt_project.backups.repository import Backup, Repository
from dbt_project.files import OWN, link, remove, umask, write_json
from dbt_project.paths import Paths
from dbt_project.publishing.publish import swap_published_link
from dbt_project.runs.lock import run_lock
from ingestion.core.errors import WarehouseError
from ingestion.core.process.disk import sync
from ingestion.core.progress import Progress

BUILDS = "builds"


def restore(paths: Paths, source: Path, *, progress: Progress, name: str | None = None) -> Backup:
    """Restore a backup.

    Args:
        paths: of the warehouse; its data folder is empty or does not exist.
        source: the folder of backups.
        progress: shows the bytes that were written.
        name: of the backup; the newest by default.

    Raises:
        WarehouseError: the folder has something, or there is no such backup, or it is damaged.
        OSError: the disk is full, or the folder cannot be written.
    """
    repository = Repository(source)
    repository.require_backups()
    backup = repository.read(name or repository.names()[-1])
    _require_empty(paths)
    with run_lock(paths):
        _require_empty(paths)
        write_json(paths.restoring, {"backup": backup.name})
        for path in paths.data.iterdir():
            if path not in _own(paths):
                remove(path)
        _write(paths, repository, backup, progress)
        if backup.published:
            swap_published_link(paths, backup.published)
        remove(paths.restoring)
        sync(paths.data)
    return backup


def _own(paths: Paths) -> set[Path]:
    """What is there in an empty data folder while it is restored."""
    return {paths.lock, paths.holder, paths.restoring}


def _require_empty(paths: Paths) -> None:
    if paths.restoring.exists() or not paths.data.exists():
        return
    if others := sorted(path.name for path in paths.data.iterdir() if path not in _own(paths)):
        msg = (
            f"{paths.data} has files ({others[0]}): move it away, or set WAREHOUSE_DATA_DIR to an "
            "empty folder, then restore again"
        )
        raise WarehouseError(msg)


def _write(paths: Paths, repository: Repository, backup: Backup, progress: Progress) -> None:
    """Write the files; what builds have in common is one file on disk, as it was."""
    common: dict[tuple[str, ...], Path] = {}
    with (
        umask(OWN),
        progress.task("restore", sum(file.size for file in backup.files), "bytes") as task,
    ):
        for file in backup.files:
            if (parts := PurePosixPath(file.path)).is_absolute() or ".." in parts.parts:
                msg = f"{backup.name} names {file.path!r}, which is not in a data folder"
                raise WarehouseError(msg)
            target = paths.data / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            is_of_a_build = parts.parts[0] == BUILDS
            if is_of_a_build and file.chunks in common:
                link(common[file.chunks], target)
                task.advance(file.size)
                continue
            repository.chunks.write(file.chunks, target, task.advance)
            target.chmod(file.mode)
            if is_of_a_build:
                common[file.chunks] = target
    for folder in (paths.data / BUILDS).rglob("*"):
        if folder.is_dir():
            # Others read what is published.
            folder.chmod(0o755)
            sync(folder)
    if (paths.data / BUILDS).exists():
        (paths.data / BUILDS).chmod(0o755)
