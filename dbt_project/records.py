"""What runs did: a JSON line each in runs.jsonl."""

from __future__ import annotations

import json
import os
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
    if not paths.runs.exists():
        return {}
    checks: dict[str, str] = {}
    with paths.runs.open(encoding="utf-8") as lines:
        for line in lines:
            # A full disk may have cut a line short.
            with suppress(ValueError):
                record = json.loads(line)
                checks |= dict.fromkeys(record["rows"], record["end"])
    return checks
