"""Publish what the report site shows of runs: `runs.json`, beside what is published."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from dbt_project.files import write_json
from dbt_project.paths import Paths
from dbt_project.run_records import RUNNING, last_checks, last_failures, records

if TYPE_CHECKING:
    from dbt_project.runs.state import RunState

NAME = "runs.json"
MAX_RUNS = 50


def publish_run_history(paths: Paths, current: "RunState | None" = None) -> None:
    """Write the last runs, when each source was last read, and what failed when last tried.

    Args:
        paths: of the warehouse.
        current: a run that has loaded and published, and has not ended.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    if not paths.published.exists():
        return
    ended = list(records(paths))
    # What it read and built so far counts; as a run it is still running.
    known = [*ended, current.record()] if current else ended
    shown = [*ended, current.record(outcome=RUNNING)] if current else ended
    history = {
        "runs": shown[-MAX_RUNS:],
        "last_read_at": last_checks(known),
        "failures": [asdict(failure) for failure in last_failures(known)],
    }
    write_json(paths.published / NAME, history)
