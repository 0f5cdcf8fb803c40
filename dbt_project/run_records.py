"""What runs did: a JSON line each in runs.jsonl, bounded; also a row each in the mart of runs."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from dbt_project.paths import Paths

RUNNING, DONE, FAILED, KILLED = "running", "done", "failed", "killed"
# Some ten thousand runs; as many before them are kept in a second file.
MAX_BYTES = 8_000_000


def append(paths: Paths, record: dict[str, Any]) -> None:
    """Add a run's line, whole or not at all.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    if paths.runs.exists() and paths.runs.stat().st_size > MAX_BYTES:
        paths.runs.replace(paths.runs_before)
    handle = os.open(paths.runs, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{json.dumps(record)}\n".encode())
    finally:
        os.close(handle)


def last_run(paths: Paths) -> dict[str, Any] | None:
    """The record of the run that ended last; None before the first."""
    # A deque of one keeps the newest.
    return next(iter(deque(records(paths), 1)), None)


def last_checks(paths: Paths) -> dict[str, str]:
    """When each source was last read to its end, by name; UTC, ISO."""
    checks: dict[str, str] = {}
    for record in records(paths):
        checks |= dict.fromkeys(record["rows"], record["end"])
    return checks


def last_failures(paths: Paths) -> dict[str, str]:
    """What failed when each source was last loaded, and why; a part as `pisa, ALB`."""
    failures: dict[str, str] = {}
    for record in records(paths):
        failed = record.get("failures", {})
        loaded = {*record["rows"], *map(_source_of, failed)}
        failures = {part: why for part, why in failures.items() if _source_of(part) not in loaded}
        failures |= failed
    return failures


def _source_of(part: str) -> str:
    return part.partition(",")[0]


def records(paths: Paths) -> Iterator[dict[str, Any]]:
    """Yield the runs as `append` was given them, oldest first."""
    for line in lines(paths):
        # A full disk may have cut a line short.
        with suppress(ValueError):
            yield json.loads(line)


def lines(paths: Paths) -> list[str]:
    """The lines as they were written, oldest first."""
    files = [file for file in (paths.runs_before, paths.runs) if file.exists()]
    return [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
