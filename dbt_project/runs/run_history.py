"""Publish what the report site shows of runs: `runs.json`, beside what is published."""

from collections import deque
from dataclasses import asdict

from dbt_project.files import write_json
from dbt_project.paths import Paths
from dbt_project.run_records import last_checks, last_failures, records

NAME = "runs.json"
MAX_RUNS = 50


def publish_run_history(paths: Paths) -> None:
    """Write the last runs, when each source was last read, and what failed when last tried.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    if paths.published.exists():
        history = {
            "runs": list(deque(records(paths), MAX_RUNS)),
            "last_read_at": last_checks(paths),
            "failures": [asdict(failure) for failure in last_failures(paths)],
        }
        write_json(paths.published / NAME, history)
