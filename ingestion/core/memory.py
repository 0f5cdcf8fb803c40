"""How much memory DuckDB may use: one setting for loads, builds and publication.

It bounds DuckDB's own memory; what does not fit goes to disk. Python and its libraries come on
top, some 200 MB a process. The default is a quarter of what the machine has, or the container where
that is less: other programs, the page cache and an analyst's own queries need the rest.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingestion.core.warehouse_settings import WarehouseSettings, variable

SETTING = variable("memory_limit")
MB, GB = 10**6, 10**9
SHARE = 0.25
# Below this a build at full size spends its time on reading what it had just written to disk.
LEAST_DEFAULT = 512 * MB
# Of the setting, in a build; with less than the minimum an increment of a million rows fails.
BUILD_SHARE = 0.7
MIN_BUILD = 410 * MB
# The largest share that the advice after a failure names: the system needs some too.
LARGEST_SHARE = 0.75
# The messages of DuckDB and of Python.
OUT_OF_MEMORY = re.compile(r"out of memory|\bMemoryError\b", re.IGNORECASE)


def memory_limit(env: Mapping[str, str]) -> int:
    """Read the setting.

    Args:
        env: the environment.

    Returns:
        Bytes.

    Raises:
        WarehouseError: the value is not a size.
    """
    given = WarehouseSettings.from_env(env, "memory_limit").memory_limit
    return given or default_limit(available_memory())


def default_limit(available: int) -> int:
    """The limit where the setting has no value, in bytes.

    Args:
        available: the memory of the machine or the container, in bytes.
    """
    return max(int(available * SHARE), LEAST_DEFAULT)


def build_limit(env: Mapping[str, str]) -> str:
    """What DuckDB may use in a build, as it takes it: the rest is for its allocator's own use.

    A build at full size uses half a gigabyte more than DuckDB accounts for.

    Raises:
        WarehouseError: the setting's value is not a size.
    """
    limit = memory_limit(env)
    return size_text(max(int(limit * BUILD_SHARE), min(limit, MIN_BUILD)))


def size_text(size: int) -> str:
    """A size as DuckDB and the setting take it, in whole megabytes: `768MB`."""
    return f"{max(size // MB, 1)}MB"


def available_memory(root: Path = Path("/")) -> int:
    """The memory of the machine, or of the container where that is less, in bytes.

    Args:
        root: the root of the system's files.
    """
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([physical, *_control_group_limits(root)])


def _control_group_limits(root: Path) -> Iterator[int]:
    """The limits of this process's control groups and of their parents, versions 1 and 2.

    None where the system has no control groups. A group without a limit says `max`, or a number
    larger than any memory.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    mounted = root / "sys/fs/cgroup"
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            top, name = mounted, "memory.max"
        elif "memory" in controllers.split(","):
            top, name = mounted / "memory", "memory.limit_in_bytes"
        else:
            continue
        group = top / path.lstrip("/")
        for folder in (group, *group.parents):
            limit = folder / name
            # A container may see the path of its group, and only the group itself, as the top.
            if limit.is_file() and (text := limit.read_text().strip()).isdecimal():
                yield int(text)
            if folder == top:
                break


def out_of_memory_advice(error_text: str, limit: int, available: int | None = None) -> str:
    """Say what to do about an error, if it is that DuckDB ran out of memory.

    Args:
        error_text: of the error, as DuckDB wrote it.
        limit: the setting's value when it happened, in bytes.
        available: the memory of the machine or the container, in bytes; looked up by default.

    Returns:
        The setting, its value and one that would do, without a full stop; empty for other errors.
    """
    if not OUT_OF_MEMORY.search(error_text):
        return ""
    available = available or available_memory()
    value = f"{SETTING} is {size_text(limit)}"
    enough = min(2 * limit, int(available * LARGEST_SHARE))
    if enough <= limit:
        return f"{value}, of {size_text(available)} in all: use a machine with more memory"
    return f"{value}: set it to {size_text(enough)}"
