"""One run at a time, by a lock that dies with its process."""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from dbt_project.files import OWN, file_lock, keep_private, read_json, remove, umask, write_json
from dbt_project.paths import Paths
from ingestion.core.clock import utc_now

# Seconds: a first backup of gigabytes over a slow line; the load of a history; a step that passes a
# lock on its way.
MAX_BACKUP_SECONDS, MAX_STEP_SECONDS, MAX_PASSING_SECONDS = 6 * 3600.0, 6 * 3600.0, 5.0


@dataclass(frozen=True)
class Holder:
    """The run that has the lock, or had it when it was killed."""

    pid: int
    command: str
    since: str
    started: str | None = None

    def alive(self) -> bool:
        """Whether that process still runs; its number may have been reused."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return self.started == _process_start(self.pid)

    def __str__(self) -> str:
        return f"process {self.pid} ({self.command}), since {self.since}"


def holder(paths: Paths) -> Holder | None:
    """The run that has the lock or died with it; reads a file, never the lock."""
    found = read_json(paths.holder)
    return Holder(**found) if found else None


@contextmanager
def changing(paths: Paths) -> Iterator[None]:
    """Hold while a run changes files that a backup reads; waits for one that reads them.

    Raises:
        WarehouseError: a backup has been reading for too long, or the folder cannot be written.
    """
    busy = (
        f"a backup of {paths.data} has been reading for {MAX_BACKUP_SECONDS / 3600:g} hours: "
        "end it, then run again"
    )
    # A backup that waits comes first.
    with file_lock(paths.backup_turn, busy=lambda: busy, wait=MAX_BACKUP_SECONDS):
        pass
    with file_lock(paths.changing, busy=lambda: busy, wait=MAX_BACKUP_SECONDS):
        yield


@contextmanager
def between_steps(paths: Paths) -> Iterator[None]:
    """Hold while a backup reads: no run is within a step, and the next step waits.

    Raises:
        WarehouseError: another backup reads, a step took too long, or the folder cannot be written.
    """
    another = f"another backup of {paths.data} is reading: wait until it has finished"
    busy = f"a step of {holder(paths) or 'a run'} took too long: back up when it has finished"
    with (
        file_lock(paths.backup_turn, busy=lambda: another, wait=MAX_PASSING_SECONDS),
        file_lock(paths.changing, busy=lambda: busy, wait=MAX_STEP_SECONDS),
    ):
        yield


@contextmanager
def run_lock(paths: Paths, *, wait: float = 0) -> Iterator[Holder | None]:
    """Lock the data folder; yields the run that was killed before this one, if any.

    Files written meanwhile are for the user alone, except what is published.

    Args:
        paths: of the warehouse.
        wait: seconds to wait for another run to end.

    Raises:
        WarehouseError: another run has it (the message says which), or the folder cannot be
            written.
    """
    with file_lock(paths.lock, busy=lambda: _in_use(paths), wait=wait), umask(OWN):
        for path in paths.private:
            keep_private(path)
        killed = holder(paths)
        write_json(paths.holder, asdict(_this_process()))
        try:
            yield killed
        finally:
            # The file goes first: without the lock it could already be the next run's.
            remove(paths.holder)


def _in_use(paths: Paths) -> str:
    return (
        f"{paths.data} is in use by {holder(paths) or 'another run'}: wait until it has finished"
        " (--wait SECONDS does), or set WAREHOUSE_DATA_DIR to another folder"
    )


def holder_of(pid: int, *, command: str) -> Holder:
    """Describe a process that runs, to distinguish it from a later one of its number."""
    now = utc_now().isoformat(timespec="seconds")
    return Holder(pid, command, now, _process_start(pid))


def _this_process() -> Holder:
    return holder_of(os.getpid(), command=shlex.join(["warehouse", *sys.argv[1:]]))


def _process_start(pid: int) -> str | None:
    """The process's start in clock ticks since boot; None where the system does not say.

    A process that ended, and whose parent did not ask how, has none either.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state == "Z" else fields[18]
