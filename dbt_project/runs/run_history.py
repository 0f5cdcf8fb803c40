"""Publish how runs ended, and how fresh each source is: `runs.json`, beside what is published.

Everybody may read it: it says what failed and when, and never why, since reasons name files, hosts
and settings of this machine. Those are in runs.jsonl, the log and `warehouse status`.
"""

import os
from typing import TYPE_CHECKING, Any

from dbt_project.files import FOR_OTHERS, read_json, umask, write_json
from dbt_project.freshness import freshness_limits
from dbt_project.paths import Paths
from dbt_project.published import newest_published, read_manifest
from dbt_project.run_records import (
    RUNNING,
    Failure,
    failed_sources,
    last_checks,
    last_failures,
    records,
    what_failed,
)

if TYPE_CHECKING:
    from dbt_project.runs.state import RunState

NAME = "runs.json"
MAX_RUNS = 50
# What of a record everybody may read.
PUBLIC = ("command", "start", "end", "seconds", "steps", "rows", "rejected", "tests", "outcome")


def publish_run_history(paths: Paths, current: "RunState | None" = None) -> None:
    """Write the last runs, how fresh each source is, what failed when last tried, and a rollback.

    Args:
        paths: of the warehouse.
        current: a run that has loaded and published, and has not ended.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
        WarehouseError: a freshness limit of the environment cannot be used.
    """
    if not paths.published.exists():
        return
    ended = list(records(paths))
    # What it read and built so far counts; as a run it is still running.
    known = [*ended, current.record()] if current else ended
    shown = [*ended, current.record(outcome=RUNNING)] if current else ended
    history = {
        "runs": [_public(run) for run in shown[-MAX_RUNS:]],
        "sources": _sources(paths, last_checks(known)),
        "failures": [_public_failure(one) for one in last_failures(known)],
        "rolled_back": _rolled_back(paths),
    }
    with umask(FOR_OTHERS):
        write_json(paths.published / NAME, history)


def has_run_history(paths: Paths) -> bool:
    """Whether what is published says how fresh each source is, as this version writes it."""
    return "sources" in (read_json(paths.published / NAME) or {})


def _public(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record.get(name) for name in (*PUBLIC, "build_id")} | {
        "problem": what_failed(record),
        "failed_sources": failed_sources(record),
    }


def _public_failure(failure: Failure) -> dict[str, Any]:
    return {
        "step": failure.step,
        "source": failure.source or None,
        "command": failure.command,
        "at": failure.at,
    }


def _sources(paths: Paths, checked: dict[str, str]) -> dict[str, dict[str, Any]]:
    """When each source was last read to its end (None: never), and how old that may become."""
    limits = freshness_limits(os.environ, paths.project)
    manifest = read_manifest(paths.published) or {}
    # A run of before there were records has left its loads alone.
    loaded = {name: one["last_loaded_at"] for name, one in manifest.get("freshness", {}).items()}
    return {
        name: {
            "last_read_at": checked.get(name) or loaded.get(name),
            "max_age_hours": limits.get(name),
        }
        for name in sorted({*checked, *loaded})
    }


def _rolled_back(paths: Paths) -> dict[str, Any] | None:
    """The newest publication, where readers see an older one again; None otherwise."""
    newest = newest_published(paths)
    if newest == paths.published.resolve().name:
        return None
    manifest = read_manifest(paths.builds / newest) or {}
    return {
        "build_id": newest,
        "published_at": manifest.get("published_at"),
        "at": (read_json(paths.rolled_back) or {}).get("at"),
    }
