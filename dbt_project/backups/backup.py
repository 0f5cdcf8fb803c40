"""Back up raw and the publications while runs go on.

A run changes files within its steps. A backup asks for its turn, which the run grants between two
steps, and the next step waits until it has read them: what it has is whole, and of one moment. Raw
holds at least what is published, as after any run. What a run may discard is not part of it (the
working file, plans, logs), nor are pages made from a publication.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from dbt_project.backups.repository import Backup, Repository, StoredFile
from dbt_project.data_version import stamp
from dbt_project.paths import Paths
from dbt_project.published import kept_builds
from dbt_project.publishing.publish import PAGES, leftovers
from dbt_project.runs.lock import between_steps
from ingestion.core.errors import WarehouseError
from ingestion.core.progress import Progress


@dataclass(frozen=True)
class BackupReport:
    """What a backup did.

    Attributes:
        name: of the backup.
        files: how many it has.
        size: bytes of its files.
        new_bytes: that were not in the folder yet.
    """

    name: str
    files: int
    size: int
    new_bytes: int


def back_up(
    paths: Paths, target: Path, *, now: datetime, progress: Progress, keep: int | None = None
) -> BackupReport:
    """Back up a warehouse into a folder.

    Args:
        paths: of the warehouse.
        target: the folder, new, empty or with backups of the same warehouse.
        now: the time, UTC.
        progress: shows the bytes that were read.
        keep: how many backups stay, with this one; all by default.

    Raises:
        WarehouseError: the target cannot be used, or something else has raw open.
        OSError: a disk is full, or a folder cannot be written.
    """
    if not paths.raw.exists():
        msg = f"there is nothing to back up: {paths.raw} does not exist; load a source first"
        raise WarehouseError(msg)
    repository = Repository(target)
    if paths.data.resolve() in (repository.folder.resolve(), *repository.folder.resolve().parents):
        msg = f"{target} is within the data folder, and would be lost with it: use another folder"
        raise WarehouseError(msg)
    repository.require_free()
    with repository.locked():
        with between_steps(paths), _unchanged(paths.raw):
            repository.begin(stamp(paths))
            backup = _read(paths, repository, now, progress)
        repository.add(backup)
        repository.prune(keep)
    size = sum(file.size for file in backup.files)
    return BackupReport(backup.name, len(backup.files), size, repository.chunks.new_bytes)


@contextmanager
def _unchanged(raw: Path) -> Iterator[None]:
    """Keep others than runs, such as plain dbt, from writing raw meanwhile.

    Raises:
        WarehouseError: one has it open, or it cannot be read.
    """
    try:
        connection = duckdb.connect(raw, read_only=True, config={"memory_limit": "256MB"})
    except duckdb.Error as error:
        msg = f"{raw} cannot be read: {str(error).splitlines()[0]}; close what has it open"
        raise WarehouseError(msg) from None
    with connection:
        yield


def _read(paths: Paths, repository: Repository, now: datetime, progress: Progress) -> Backup:
    """Keep the content of every file, reading again only what may have changed."""
    before = repository.names()
    known = {file.path: file for file in repository.read(before[-1]).files} if before else {}
    files = list(_files(paths))
    stored = []
    with progress.task("backup", sum(file.stat().st_size for file in files), "bytes") as task:
        for file in files:
            entry = _entry(paths, file)
            found = known.get(entry.path)
            if found and _is_published(found, entry) and repository.chunks.has(found.chunks):
                stored.append(found)
                task.advance(found.size)
                continue
            # Records of runs may grow meanwhile, by whole lines.
            chunks, size = repository.chunks.add(file, task.advance)
            stored.append(replace(entry, chunks=chunks, size=size))
    published = paths.published.readlink().name if paths.published.is_symlink() else None
    return Backup(f"{now:%Y%m%dT%H%M%S.%fZ}", published, tuple(stored))


def _entry(paths: Paths, file: Path) -> StoredFile:
    found = file.stat()
    path = file.relative_to(paths.data).as_posix()
    return StoredFile(path, found.st_size, found.st_mode & 0o777, found.st_mtime_ns, ())


def _is_published(found: StoredFile, entry: StoredFile) -> bool:
    """Whether a file is that of the previous backup, which nobody may have written."""
    is_read_only = not entry.mode & 0o222
    return is_read_only and (found.size, found.mode, found.modified_ns) == (
        entry.size,
        entry.mode,
        entry.modified_ns,
    )


def _files(paths: Paths) -> Iterator[Path]:
    """What a warehouse cannot do without."""
    write_ahead = paths.raw.with_name(f"{paths.raw.name}.wal")
    state = (paths.stamp, paths.origin, paths.runs, paths.runs_before, paths.alerts)
    for file in (paths.raw, write_ahead, *state, paths.rolled_back):
        if file.exists():
            yield file
    unpublished = leftovers(paths)
    for build in kept_builds(paths):
        if build in unpublished:
            continue
        pages = {page for pattern in PAGES for page in build.glob(pattern)}
        for path in sorted(build.rglob("*")):
            if path.is_file() and not pages.intersection((path, *path.parents)):
                yield path
