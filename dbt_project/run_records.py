"""What runs did: a JSON line each in runs.jsonl, bounded; also a row each in the mart of runs."""

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dbt_project.paths import Paths

RUNNING, DONE, FAILED, KILLED = "running", "done", "failed", "killed"
# Some ten thousand runs; as many before them are kept in a second file.
MAX_BYTES = 8_000_000
# What a record must have to say what failed.
OUTCOME = {"command", "end", "steps", "rows", "failures", "build_id", "outcome", "error"}


@dataclass(frozen=True)
class Failure:
    """What failed when it was last tried.

    Attributes:
        step: of the run: `load`, `build`, `audit` and so on, or its command.
        part: the source that could not be loaded, or a part of it such as `pisa, ALB`; empty
            where the step itself failed.
        why: the reason, in one line.
        command: of the run.
        at: when the run ended, UTC, ISO.
    """

    step: str
    part: str
    why: str
    command: str
    at: str

    @property
    def source(self) -> str:
        """The source that could not be loaded; empty where the step itself failed."""
        return _source(self.part)


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


def last_checks(found: Iterable[dict[str, Any]]) -> dict[str, str]:
    """When each source was last read to its end in `records`, by name; UTC, ISO."""
    checks: dict[str, str] = {}
    for record in found:
        checks |= dict.fromkeys(record["rows"], record["end"])
    return checks


def last_failures(found: Iterable[dict[str, Any]]) -> list[Failure]:
    """What failed when last tried in `records`: the load of a source or a part, or another step."""
    failures: list[Failure] = []
    for record in found:
        if record.keys() >= OUTCOME and record["outcome"] != KILLED:
            tried = {*record["steps"], record["command"]}
            loaded = {*record["rows"], *map(_source, record["failures"])}
            failures = [
                one
                for one in failures
                if (one.source not in loaded if one.part else one.step not in tried)
            ]
            failures += _failures(record) if record["outcome"] == FAILED else ()
    return failures


def _failures(record: dict[str, Any]) -> Iterator[Failure]:
    """What a failed run failed in."""
    run = record["command"], record["end"]
    for part, why in record["failures"].items():
        yield Failure("load", part, why, *run)
    step = [record["command"], *record["steps"]][-1]
    # Sources that failed do not keep the others from being published.
    if not record["failures"] or (step != "load" and not record["build_id"]):
        yield Failure(step, "", record["error"], *run)


def what_failed(record: dict[str, Any]) -> str | None:
    """What failed in a run, for everybody: steps and sources in one line, None where nothing did.

    The reasons, which may name files, hosts and settings, stay in the record, the log and `status`.
    """
    outcome = record.get("outcome")
    if outcome != FAILED:
        return "was killed" if outcome == KILLED else None
    defaults = dict.fromkeys(OUTCOME) | {"steps": {}, "failures": {}}
    failures = _failures(defaults | record)
    parts = [f"load of {one.source}" if one.part else one.step for one in failures]
    return f"{', '.join(dict.fromkeys(parts))} failed"


def failed_sources(record: dict[str, Any]) -> list[str]:
    """The sources of which a run could not load all, each once."""
    return sorted({_source(part) for part in record.get("failures") or {}})


def _source(part: str) -> str:
    return part.partition(",")[0]


def records(paths: Paths) -> Iterator[dict[str, Any]]:
    """Yield the records of runs, oldest first."""
    for line in lines(paths):
        # A full disk may have truncated a line.
        with suppress(ValueError):
            yield json.loads(line)


def lines(paths: Paths) -> list[str]:
    """The lines as they were written, oldest first."""
    files = [file for file in (paths.runs_before, paths.runs) if file.exists()]
    return [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
