"""The state of one run, and its record: a line of runs.jsonl and a row of the mart of runs."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from dbt_project.build.scope import fingerprint
from dbt_project.log_file import events
from dbt_project.paths import Paths
from dbt_project.publishing.manifest import engine_versions
from dbt_project.publishing.postgres.settings import PostgresSettings
from dbt_project.run_records import DONE, FAILED, KILLED, RUNNING
from dbt_project.runs.lock import Holder, changing
from ingestion.core.clock import utc_now
from ingestion.core.process.signals import raise_if_stopped
from ingestion.core.progress import Progress

if TYPE_CHECKING:
    from dbt_project.build.audit import DbtReport
    from dbt_project.runs.rejections import NewRows
    from ingestion.core.loading import LoadSession

# What a run counts, by name.
RECORDED = ("steps", "rows", "rows_out", "rejected", "failures", "tests")


def run_id(start: datetime, pid: int) -> str:
    """A run's name, which sorts by time; a process begins one run at a time."""
    return f"{start:%Y%m%dT%H%M%S.%fZ}-{pid}"


@dataclass
class RunState:
    """What one command did; becomes a line of runs.jsonl.

    Attributes:
        server: the PostgreSQL server to publish to, too; None where none is set.
        start: when it began, UTC.
        rows: received, by source and raw table.
        rows_out: of the marts that it built and published.
        rejected: rejected rows of what it published, by mart.
        new_rows: that its builds read for the first time, by source; None where it built nothing.
        error: why it failed, if it continued nevertheless.
        ask_dbt: whether dbt executes each build itself, also where a recorded plan is valid.
        is_watch_iteration: one of many in a process, which reports only those with something new.
        landed: what was published there, in words; None if nothing was.
        server_error: why the server does not have what is published here.
        session: what loads keep open from one run to the next; closed after the load without one.
        should_record: false where nothing was to be done, and that was recorded lately.
        audit: what its last build did; None where it built nothing.
        report: reports to another program how the run ended; called once, when it has.
    """

    paths: Paths
    progress: Progress
    command: str
    clock: Callable[[], datetime] = utc_now
    steps: dict[str, float] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    tests: dict[str, int] = field(default_factory=dict)
    rows_out: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    new_rows: list[NewRows] | None = None
    build_id: str | None = None
    error: str | None = None
    ask_dbt: bool = False
    is_watch_iteration: bool = False
    landed: str | None = None
    server_error: str | None = None
    session: LoadSession | None = None
    should_record: bool = True
    audit: DbtReport | None = None
    report: Callable[[RunState], None] | None = None

    def __post_init__(self) -> None:
        self.start = self.clock()
        self.server = PostgresSettings.from_env(os.environ)

    @property
    def id(self) -> str:
        """The run's name."""
        return run_id(self.start, os.getpid())

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step, in seconds, whether it succeeds or not."""
        raise_if_stopped()
        begun = monotonic()
        try:
            with changing(self.paths):
                yield
            raise_if_stopped()
        finally:
            self.steps[name] = round(self.steps.get(name, 0.0) + monotonic() - begun, 2)
            self.log_event("%s took %.2f s", name, self.steps[name])

    def move_time(self, step: str, part: str, seconds: float) -> None:
        """Count a part of a step as a step of its own."""
        self.steps[step] = round(self.steps[step] - seconds, 2)
        self.steps[part] = round(self.steps.get(part, 0.0) + seconds, 2)

    def record(self, *, outcome: str | None = None) -> dict[str, Any]:
        """The run's line of runs.jsonl.

        Args:
            outcome: `running` for a run that has not ended; by default by its error.
        """
        now = self.clock()
        # What the outcome depends on besides the rows; the manifest has the whole fingerprint.
        versions = {"project": fingerprint(self.paths.project)[:12], **engine_versions()}
        return {
            "run_id": self.id,
            "command": self.command,
            "start": self.start.isoformat(timespec="seconds"),
            "end": None if outcome == RUNNING else now.isoformat(timespec="seconds"),
            "seconds": round((now - self.start).total_seconds(), 2),
            **{name: getattr(self, name) for name in RECORDED},
            "versions": versions | {"python": platform.python_version()},
            "build_id": self.build_id,
            "outcome": outcome or (FAILED if self.error else DONE),
            "error": self.error,
        }

    def log_event(self, event: str, *arguments: object) -> None:
        """Write an event to the log."""
        if not self.is_watch_iteration:
            events.info("%s: %s", self.command, event % arguments)


def killed_record(holder: Holder) -> dict[str, Any]:
    """The line of a run that was killed, from its lock file."""
    return {
        "run_id": run_id(datetime.fromisoformat(holder.since), holder.pid),
        "command": holder.command.removeprefix("warehouse ").partition(" ")[0],
        "start": holder.since,
        "end": None,
        "seconds": None,
        **{name: {} for name in RECORDED},
        "versions": {},
        "build_id": None,
        "outcome": KILLED,
        "error": f"`{holder.command}` was killed",
    }
