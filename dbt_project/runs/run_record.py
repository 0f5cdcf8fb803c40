"""The record of a run: a line of runs.jsonl and a row of the mart of runs."""

from __future__ import annotations

import platform
from datetime import datetime
from typing import Any

from dbt_project.build.scope import fingerprint
from dbt_project.publishing.manifest import engine_versions
from dbt_project.run_records import DONE, FAILED, KILLED, RUNNING
from dbt_project.runs.lock import Holder
from dbt_project.runs.state import RunState, run_id


def record(
    run: RunState, error: str | None = None, *, outcome: str | None = None
) -> dict[str, Any]:
    """A run's line of runs.jsonl.

    Args:
        run: ended, or not yet.
        error: why it failed, in a line.
        outcome: `running` for one that has not ended; by default by its error.
    """
    now = run.clock()
    return {
        "run_id": run.id,
        "command": run.command,
        "start": run.start.isoformat(timespec="seconds"),
        "end": None if outcome == RUNNING else now.isoformat(timespec="seconds"),
        "seconds": round((now - run.start).total_seconds(), 2),
        "steps": run.steps,
        "rows": run.rows,
        "rows_out": run.rows_out,
        "rejected": run.rejected,
        "failures": run.failures,
        "tests": run.tests,
        "versions": versions(run),
        "build_id": run.build_id,
        "outcome": outcome or (FAILED if error else DONE),
        "error": error,
    }


def killed(holder: Holder) -> dict[str, Any]:
    """The line of a run that was killed, from its lock file."""
    start = datetime.fromisoformat(holder.since)
    return {
        "run_id": run_id(start, holder.pid),
        "command": holder.command.removeprefix("warehouse ").partition(" ")[0],
        "start": holder.since,
        "end": None,
        "seconds": None,
        **{name: {} for name in ("steps", "rows", "rows_out", "rejected", "failures", "tests")},
        "versions": {},
        "build_id": None,
        "outcome": KILLED,
        "error": f"`{holder.command}` was killed",
    }


def versions(run: RunState) -> dict[str, str]:
    """What the run's outcome depends on besides the rows: the project and the engines.

    The project is given by the start of its fingerprint; the manifest has all of it.
    """
    project = {"project": fingerprint(run.paths.project)[:12]}
    return project | engine_versions() | {"python": platform.python_version()}
