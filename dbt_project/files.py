"""Files that are complete or absent, whatever happens while they are written."""

import errno
import hashlib
import json
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock

from ingestion.core.errors import WarehouseError
from ingestion.core.process.disk import sync
from ingestion.core.progress import progress_for

# File mode masks: for the user alone; readable by others.
OWN, FOR_OTHERS = 0o077, 0o022
# A shorter wait is not shown.
SILENT_SECONDS = 1.5
READ_ONLY = 0o444
CHUNK = 2**30
# Errors of file systems that cannot copy within the kernel.
NO_COPY_IN_KERNEL = {errno.ENOSYS, errno.EXDEV, errno.EOPNOTSUPP, errno.EINVAL}


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Set the umask of the process, for new files and folders."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def keep_private(path: Path) -> None:
    """Remove others' rights from a file or folder of ours that has them."""
    if not path.exists():
        return
    found = path.stat()
    if found.st_mode & OWN and found.st_uid == os.geteuid():
        path.chmod(0o700 if path.is_dir() else 0o600)


def finalize_file(path: Path) -> None:
    """Make a complete file read-only, and flush it to disk."""
    path.chmod(READ_ONLY)
    sync(path)


@contextmanager
def flushed_meanwhile(path: Path) -> Iterator[None]:
    """Flush a file to disk during the work of the block, which may write more into it.

    A copy of gigabytes is on disk when the block ends, so that making the last changes durable
    is quick. The file stays open until then, since closing it would release DuckDB's lock.

    Raises:
        OSError: it could not be flushed.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        with ThreadPoolExecutor(1) as background:
            flushed = background.submit(os.fsync, handle)
            yield
        flushed.result()
    finally:
        os.close(handle)


@contextmanager
def file_lock(
    path: Path,
    *,
    busy: Callable[[], str],
    wait: float = 0,
    advice: str = "make the folder writable or set WAREHOUSE_DATA_DIR to one that is",
) -> Iterator[None]:
    """Lock a file, which is created with its folder; the lock dies with its process.

    Args:
        path: of the file.
        busy: the message when another process has the lock.
        wait: seconds to wait for it.
        advice: what to do where the folder cannot be written.

    Raises:
        WarehouseError: another process has the lock, or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The library takes a file that may not be opened for one that is locked.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        lock = filelock.FileLock(path, mode=0o600)
        _acquire(lock, wait)
    except filelock.Timeout:
        raise WarehouseError(busy()) from None
    except OSError as error:
        msg = f"cannot write to {path.parent}: {error.strerror or error}; {advice}"
        raise WarehouseError(msg) from error
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: filelock.BaseFileLock, wait: float) -> None:
    """Wait for a lock; a wait that is long is shown."""
    try:
        lock.acquire(timeout=min(wait, SILENT_SECONDS))
    except filelock.Timeout:
        if wait <= SILENT_SECONDS:
            raise
        waits = f"waiting for another command in {Path(lock.lock_file).parent}"
        with progress_for(sys.stderr).task(waits, unit=""):
            lock.acquire(timeout=wait - SILENT_SECONDS)


def to_json(value: Any, indent: int = 0) -> str:
    """Readable JSON: objects and lists of plain values on one line, others a line per element."""
    elements = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(elements, list) or not any(isinstance(one, dict | list) for one in elements):
        return json.dumps(value)
    shown = [to_json(one, indent + 2) for one in elements]
    if isinstance(value, dict):
        shown = [f"{json.dumps(key)}: {text}" for key, text in zip(value, shown, strict=True)]
    start, end = ("{", "}") if isinstance(value, dict) else ("[", "]")
    line = "\n" + " " * indent
    return start + ",".join(f"{line}  {text}" for text in shown) + line + end


def write_json(path: Path, value: object) -> None:
    """Write JSON to a temporary file, then rename: a reader sees the old text or the new one."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(to_json(value) + "\n", encoding="utf-8")
        sync(beside)
        beside.replace(path)
    except OSError:
        remove(beside)
        raise
    sync(path.parent)


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in `path`; None where there is no file or no object in it."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return value if isinstance(value, dict) else None


def sha256(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with its content, if there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def link(source: Path, target: Path) -> None:
    """Hard-link a file that nobody writes; copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        clone(source, target)
        target.chmod(stat.S_IMODE(source.stat().st_mode))
        sync(target)


def clone(source: Path, target: Path) -> None:
    """Copy a file; where the file system can (Btrfs, XFS), the copies share equal blocks.

    Raises:
        OSError: the disk is full, or a file cannot be opened.
    """
    with source.open("rb") as read, target.open("wb") as written:
        try:
            while os.copy_file_range(read.fileno(), written.fileno(), CHUNK):
                pass
        except (AttributeError, OSError) as error:
            if isinstance(error, OSError) and error.errno not in NO_COPY_IN_KERNEL:
                raise
            shutil.copyfile(source, target)
