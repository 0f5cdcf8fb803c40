"""Files that are whole or absent, whatever happens while they are written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Masks of what is made: for the user alone; for others to read.
OWN, FOR_OTHERS = 0o077, 0o022


@contextmanager
def made(mask: int) -> Iterator[None]:
    """Make new files and folders with the rights that a mask leaves, in all of the process."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def keep_private(path: Path) -> None:
    """Take others' rights from a file or folder of ours that was made before we took care."""
    if not path.exists():
        return
    found = path.stat()
    if found.st_mode & OWN and found.st_uid == os.geteuid():
        path.chmod(0o700 if path.is_dir() else 0o600)


def sync(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: object) -> None:
    """Write JSON beside `path`, then rename: a reader sees the old text or the new one."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    sync(beside)
    beside.replace(path)
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
    """Remove a file, a link or a whole folder; nothing happens where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def link(source: str, target: str) -> None:
    """Link a file, or copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
