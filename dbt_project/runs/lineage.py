"""OpenLineage events, where a receiver is set: which raw tables a run read, which marts it built.

START when a run begins; COMPLETE, or FAIL with the reason, when it ends. The receiver
is set as OpenLineage does: OPENLINEAGE_URL, with OPENLINEAGE_API_KEY, or an openlineage.yml. Events
are sent in the background: an unreachable receiver is a warning, never a failure.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import duckdb

from dbt_project.build.audit import read_audit
from dbt_project.build.raw import PREFIX
from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from dbt_project.runs.state import RunState

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient


NAMESPACE, PRODUCER = "warehouse", "urn:warehouse"
# Seconds to wait for the receiver, for one event and at the end of a run for all of them.
TIMEOUT = 5.0
logger = logging.getLogger(__name__)


def is_wanted(env: Mapping[str, str]) -> bool:
    """Whether a receiver is set, by the variable or a file where OpenLineage looks for one."""
    if env.get("OPENLINEAGE_DISABLED", "").strip().lower() == "true":
        return False
    files = (env.get("OPENLINEAGE_CONFIG"), "openlineage.yml", "~/.openlineage/openlineage.yml")
    found = any(Path(file).expanduser().is_file() for file in files if file)
    return bool(env.get("OPENLINEAGE_URL")) or found


def start_lineage(run: RunState, env: Mapping[str, str] = os.environ) -> Lineage | None:
    """Begin to report a run; None where no receiver is set."""
    return Lineage(run, env) if is_wanted(env) else None


@dataclass(frozen=True)
class LineageEvent:
    """An event, without OpenLineage's classes, which take long to import.

    Attributes:
        kind: `START`, `COMPLETE` or `FAIL`.
        at: UTC.
        error: why it failed.
        inputs: tables of raw.
        outputs: marts.
    """

    kind: str
    at: datetime
    error: str | None = None
    inputs: Sequence[Table] = ()
    outputs: Sequence[Table] = ()


@dataclass(frozen=True)
class Table:
    """A table in a file, its columns as name and type, and its rows where they are known."""

    file: Path
    name: str
    columns: Sequence[Mapping[str, str]]
    rows: int | None = None


class Lineage:
    """Sends the events of one run, from a thread of its own."""

    def __init__(self, run: RunState, env: Mapping[str, str]) -> None:
        self._run = run
        self._env = env
        self._events: Queue[LineageEvent | None] = Queue()
        self._failures: list[str] = []
        # One that is stuck must not delay the end of the process.
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()
        if not run.is_watch_iteration:
            self._events.put(LineageEvent("START", run.start))

    def end(self, error: str | None) -> None:
        """Report how the run ended; waits at most `TIMEOUT` seconds for the receiver.

        An iteration of `watch` is reported if it found something new, without waiting.
        """
        run = self._run
        if run.is_watch_iteration and run.should_record:
            self._events.put(LineageEvent("START", run.start))
        if run.should_record:
            # Read here: raw is open to one at a time, and the next iteration is about to begin.
            tables = (_inputs(run.paths), _outputs(run)) if run.rows_out else ((), ())
            kind = "FAIL" if error else "COMPLETE"
            self._events.put(LineageEvent(kind, run.clock(), error, *tables))
        self._events.put(None)
        if run.is_watch_iteration:
            return
        self._thread.join(TIMEOUT)
        if self._thread.is_alive():
            self._failures.append(f"no answer in {TIMEOUT:g} s")
        if self._failures:
            logger.warning("OpenLineage did not receive this run: %s", self._failures[0])

    def _send(self) -> None:
        client = None
        while event := self._events.get():
            try:
                client = client or _client(self._env)
                client.emit(_event(self._run, event))
            except Exception as error:  # noqa: BLE001 - whatever a transport raises
                # A library's message may quote the URL, which may hold a secret.
                self._failures.append(type(error).__name__)


def _inputs(paths: Paths) -> list[Table]:
    """The raw tables of the sources that the last build read."""
    audit = read_audit(paths)
    if audit is None:
        return []
    sources = audit.sources if audit.scope is None else audit.scope
    schemas = [PREFIX + name.replace("-", "_") for name in sources]
    with duckdb.connect(paths.raw, read_only=True) as raw:
        tables = raw.execute(
            "select schema_name || '.' || table_name,"
            " list({name: column_name, type: data_type} order by column_index)"
            " from duckdb_columns() where list_contains(?, schema_name)"
            " and not starts_with(table_name, '_dlt') group by all order by 1",
            [schemas],
        ).fetchall()
    return [Table(paths.raw, name, columns) for name, columns in tables]


def _outputs(run: RunState) -> list[Table]:
    """The marts that the run built and published."""
    tables = (published_manifest(run.paths) or {}).get("tables", {})
    file = run.paths.published / "marts.duckdb"
    return [
        Table(file, name, tables[name]["columns"], rows)
        for name, rows in run.rows_out.items()
        if name in tables
    ]


def _client(env: Mapping[str, str]) -> OpenLineageClient:
    # It takes a second to import.
    from openlineage.client import OpenLineageClient  # noqa: PLC0415
    from openlineage.client.transport.http import HttpConfig, HttpTransport  # noqa: PLC0415

    url = env.get("OPENLINEAGE_URL")
    if not url:
        return OpenLineageClient()
    config: dict[str, Any] = {"url": url, "timeout": TIMEOUT, "retry": {"total": 0}}
    config |= {"endpoint": env["OPENLINEAGE_ENDPOINT"]} if "OPENLINEAGE_ENDPOINT" in env else {}
    if key := env.get("OPENLINEAGE_API_KEY", "").strip():
        config["auth"] = {"type": "api_key", "apiKey": key}
    return OpenLineageClient(transport=HttpTransport(HttpConfig.from_dict(config)))


def _event(run: RunState, event: LineageEvent) -> Any:
    from openlineage.client import event_v2 as events  # noqa: PLC0415
    from openlineage.client.facet_v2 import (  # noqa: PLC0415
        error_message_run,
        output_statistics_output_dataset,
        schema_dataset,
    )

    def facets(table: Table) -> dict[str, Any]:
        field = schema_dataset.SchemaDatasetFacetFields
        fields = [field(name=one["name"], type=one["type"]) for one in table.columns]
        return {"schema": schema_dataset.SchemaDatasetFacet(fields=fields)}

    counted = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet
    error_facet = event.error and error_message_run.ErrorMessageRunFacet(event.error, "SQL")
    return events.RunEvent(
        eventTime=event.at.isoformat(),
        producer=PRODUCER,
        eventType=events.RunState[event.kind],
        # Derived from its name, so that the same run always has the same id.
        run=events.Run(
            str(uuid5(NAMESPACE_URL, run.id)), {"errorMessage": error_facet} if error_facet else {}
        ),
        job=events.Job(NAMESPACE, f"warehouse.{run.command}"),
        inputs=[
            events.InputDataset(f"duckdb://{table.file}", table.name, facets=facets(table))
            for table in event.inputs
        ],
        outputs=[
            events.OutputDataset(
                f"duckdb://{table.file}",
                table.name,
                facets=facets(table),
                outputFacets={"outputStatistics": counted(rowCount=table.rows)},
            )
            for table in event.outputs
        ],
    )
