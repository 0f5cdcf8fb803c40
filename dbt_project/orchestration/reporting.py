"""Report to Dagster what a run did: to the one that started it, or that a setting names.

A run that Dagster started answers it in a file. Any other (`warehouse watch`, cron)
reports its tables to the web server that WAREHOUSE_DAGSTER_URL names; one that does not answer is a
warning, never a failure.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any

from dbt_project.files import write_json
from ingestion.core.registry import find_source
from ingestion.core.warehouse_settings import WarehouseSettings

if TYPE_CHECKING:
    from dbt_project.runs.state import RunState

# Our steps of Dagster set these for what they start: the file that they read afterwards, and their
# process, which may have ended before this one begins.
ANSWER, PARENT = "DAGSTER_WAREHOUSE_ANSWER", "DAGSTER_WAREHOUSE_PARENT"
ROW_COUNT = "dagster/row_count"
# Seconds to wait for the web server, for one table and at the end of a run for all.
TIMEOUT = 5.0
logger = logging.getLogger(__name__)


def create_reporter(env: Mapping[str, str]) -> Callable[[RunState], None] | None:
    """What reports the runs of this process; None where nobody asked for it.

    Raises:
        WarehouseError: the setting is not an address.
    """
    if file := env.get(ANSWER):
        _end_with(int(env[PARENT]))
        return lambda run: write_json(Path(file), describe(run))
    url = WarehouseSettings.from_env(env, "dagster_url").dagster_url
    return WebReporter(url) if url else None


def describe(run: RunState) -> dict[str, Any]:
    """What a run did, as JSON: its record, `audit` with the verdict of each test, and `notes`."""
    audit = asdict(run.audit) if run.audit else None
    return run.record() | {"audit": audit, "notes": run.notes}


def written_tables(record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What a run wrote, as `schema.table`, with figures for each.

    Of raw, the tables that received rows, and the main one (the first that says when a row changed)
    also without any: it was read to its end. Marts are there once they are published.

    Args:
        record: of the run.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, rows in record["rows"].items():
        source = find_source(name)
        main = next(iter(source.changed_at), None)
        for table in source.tables:
            if rows.get(table) or table == main:
                found[f"{source.schema}.{table}"] = {"rows_received": rows.get(table, 0)}
    for mart, count in record["rows_out"].items():
        found[mart] = {ROW_COUNT: count, "build_id": record["build_id"]}
    return {name: figures | {"run_id": record["run_id"]} for name, figures in found.items()}


class WebReporter:
    """Reports runs to Dagster's web server, from a thread of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._tables: Queue[tuple[str, dict[str, Any]]] = Queue()
        self._failure: str | None = None
        # One that is stuck must not delay the end of the process.
        threading.Thread(target=self._send, daemon=True).start()

    def __call__(self, run: RunState) -> None:
        """Report a run; waits for the server, but not in an iteration of `watch`."""
        for name, figures in written_tables(run.record()).items():
            self._tables.put((name, figures | {"command": run.command}))
        deadline = time.monotonic() + (0 if run.is_watch_iteration else TIMEOUT)
        while self._tables.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.02)
        if not run.is_watch_iteration and self._tables.unfinished_tasks:
            self._warn(f"no answer in {TIMEOUT:g} s")

    def _send(self) -> None:
        import httpx  # noqa: PLC0415

        while True:
            name, metadata = self._tables.get()
            try:
                path = "/report_asset_materialization/" + name.replace(".", "/")
                answer = httpx.post(self._url + path, json={"metadata": metadata}, timeout=TIMEOUT)
                answer.raise_for_status()
                self._failure = None
            except httpx.HTTPError as error:
                self._warn(type(error).__name__)
            finally:
                self._tables.task_done()

    def _warn(self, why: str) -> None:
        """Say why, once until it is solved or differs."""
        if why != self._failure:
            self._failure = why
            logger.warning("Dagster at %s did not receive this run: %s", self._url, why)


def _end_with(parent: int) -> None:
    """Stop this command when the process that started it has ended: another try may come."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        with suppress(ProcessLookupError):
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
