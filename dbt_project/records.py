"""What runs did: a JSON line each in runs.jsonl."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from dbt_project.paths import Paths


def append(paths: Paths, record: dict[str, Any]) -> None:
    """Add a run's line, whole or not at all.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    handle = os.open(paths.runs, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, f"{json.dumps(record)}\n".encode())
    finally:
        os.close(handle)


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
    if not paths.runs.exists():
        return
    with paths.runs.open(encoding="utf-8") as lines:
        for line in lines:
            # A full disk may have cut a line short.
            with suppress(ValueError):
                yield json.loads(line)
