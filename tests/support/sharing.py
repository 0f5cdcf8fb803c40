"""What takes long to build is built once, and the workers of a test run share it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from dbt_project.paths import Paths


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, which `make` fills for the first process that asks; the others wait for it."""
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            (folder / "made").touch()
    return folder


def share_plans(data: Path, folder: Path) -> None:
    """Let a data folder keep its plans where others do: they hold neither paths nor rows.

    Args:
        data: the data folder.
        folder: of the plans; of each kind of data folder one, for the number of plans is bounded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    Paths(data).plans.symlink_to(folder)
