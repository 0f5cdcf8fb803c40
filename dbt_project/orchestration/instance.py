"""Dagster's own folder, in the data folder: its settings, its storage, and dbt's graph for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

import dagster as dg

from dbt_project.files import write_json
from dbt_project.orchestration.environment import POSTGRES, STORAGE
from dbt_project.orchestration.graph import write_graph
from dbt_project.orchestration.jobs import LOCKED, PROCESS_STATES, REPORTS
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError
from ingestion.core.process.environment import prepare_environment
from ingestion.core.process.secrets import mask, remember_environment
from ingestion.core.warehouse_settings import WarehouseSettings

DEFINITIONS = "dbt_project.orchestration.definitions:defs"
INTERRUPTED = "Dagster was stopped while this ran."
# JSON is YAML, so these are files of Dagster's.
CONFIGURATION, WORKSPACE = "dagster.yaml", "workspace.yaml"


def configuration(env: Mapping[str, str]) -> dict[str, Any]:
    """Dagster's settings; a password stays in the environment."""
    settings: dict[str, Any] = {
        "telemetry": {"enabled": False},
        # No invitation to leave an address before the first page.
        "nux": {"enabled": False},
        "concurrency": {
            "runs": {
                "max_concurrent_runs": 5,
                "tag_concurrency_limits": [{"key": key, "limit": 1} for key in (LOCKED, REPORTS)],
            }
        },
        # A step tries again by itself; this is for a process that was killed.
        "run_retries": {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False},
        "run_monitoring": {"enabled": True, "start_timeout_seconds": 300},
        "retention": {
            kind: {"purge_after_days": {"skipped": 7, "success": 90, "failure": 90}}
            for kind in ("schedule", "sensor")
        },
    }
    if WarehouseSettings.from_env(env, "dagster_postgres_url").dagster_postgres_url:
        settings["storage"] = {"postgres": {"postgres_url": {"env": STORAGE}}}
    return settings


def prepare_instance(paths: Paths, env: Mapping[str, str]) -> None:
    """Write what Dagster's processes read, and end the runs that died with an earlier Dagster.

    Raises:
        WarehouseError: the project does not parse, or Dagster's storage cannot be used.
        OSError: the data folder cannot be written.
    """
    paths.dagster.mkdir(parents=True, exist_ok=True)
    paths.dagster.chmod(0o700)
    write_graph(paths)
    write_json(paths.dagster / CONFIGURATION, configuration(env))
    module, _, attribute = DEFINITIONS.partition(":")
    location = {"module_name": module, "attribute": attribute, "location_name": "warehouse"}
    write_json(paths.dagster / WORKSPACE, {"load_from": [{"python_module": location}]})
    _end_interrupted_runs(paths)


def _end_interrupted_runs(paths: Paths) -> None:
    """A run without a process would keep the others waiting for ever."""
    try:
        with dg.DagsterInstance.from_config(str(paths.dagster)) as instance:
            for run in instance.get_runs(dg.RunsFilter(statuses=[*PROCESS_STATES])):
                instance.report_run_failed(run, INTERRUPTED)
    except Exception as error:
        # A library's message may quote the URL, which may hold a password.
        msg = (
            f"Dagster's storage cannot be used ({type(error).__name__}): check {POSTGRES}"
            if os.environ.get(POSTGRES)
            else f"Dagster's storage in {paths.dagster} cannot be used ({type(error).__name__}):"
            " move the folder away, then start again"
        )
        raise WarehouseError(msg) from error


def main() -> None:
    """Prepare the instance of this environment; a failure is one line on stderr."""
    prepare_environment()
    remember_environment()
    try:
        prepare_instance(Paths.from_env(os.environ), os.environ)
    except (WarehouseError, OSError) as error:
        sys.exit(mask(str(error)))


if __name__ == "__main__":
    main()
