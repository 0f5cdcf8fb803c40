"""What takes long to make is made once, and the workers of a test run share it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, which `make` fills for the first process that asks; the others wait for it."""
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            (folder / "made").touch()
    return folder
