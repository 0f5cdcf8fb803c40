"""The steps of a run, timed and remembered, one run at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from time import monotonic
from typing import Any

from dbt_project import publish as publication
from dbt_project.build import build
from dbt_project.lock import only_run
from dbt_project.origin import claim, kind_of
from dbt_project.paths import Paths
from dbt_project.records import append
from ingestion.progress import Progress

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time now, with its zone."""
    return datetime.now(UTC)


@dataclass
class Run:
    """What one command did; becomes a line of runs.jsonl."""

    paths: Paths
    progress: Progress
    command: str
    clock: Clock = utc_now
    steps: dict[str, float] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    tests: dict[str, int] = field(default_factory=dict)
    build_id: str | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step, in seconds, whether it succeeds or not."""
        begun = monotonic()
        try:
            yield
        finally:
            self.steps[name] = round(self.steps.get(name, 0.0) + monotonic() - begun, 2)

    def load(
        self, sources: Sequence[str], *, since: date | None, until: date | None, accept_shrink: bool
    ) -> None:
        """Load what is new at the sources into raw.

        Raises:
            WarehouseError: a source failed; the windows loaded before stay.
        """
        # dlt takes most of a second to import.
        from dlt import config  # noqa: PLC0415

        from ingestion.loading import load  # noqa: PLC0415

        with self.step("load"):
            for source in sources:
                base_url = config.get(f"sources.{source.replace('-', '_')}.base_url", str)
                claim(self.paths, source, kind_of(base_url))
                report = load(
                    source,
                    data_dir=self.paths.data,
                    since=since,
                    until=until,
                    accept_shrink=accept_shrink,
                    progress=self.progress,
                )
                rows = self.rows.setdefault(source, {})
                for table, count in report.rows.items():
                    rows[table] = rows.get(table, 0) + count
                self.notes += report.notes

    def build(self, *, full_refresh: bool = False, select: Sequence[str] = ()) -> None:
        """Build the marts in the working file and audit them.

        Raises:
            WarehouseError: a model or a test failed; nothing was published.
        """
        with self.step("build"):
            audit = build(
                self.paths, full_refresh=full_refresh, select=select, progress=self.progress
            )
            self.tests = {
                name: getattr(audit.dbt, name) for name in ("tests", "passed", "failed", "warned")
            }
            audit.require_passed()

    def publish(self) -> None:
        """Publish the working file, if its audit passed.

        Raises:
            WarehouseError: it did not.
        """
        with self.step("publish"):
            manifest = publication.publish(self.paths, now=self.clock(), progress=self.progress)
            self.build_id = manifest["build_id"]


@contextmanager
def running(paths: Paths, command: str, progress: Progress) -> Iterator[Run]:
    """Hold the data folder for one command, clean up after a killed one, and keep a record.

    Raises:
        WarehouseError: another run holds the folder, or it cannot be written.
    """
    with only_run(paths):
        publication.tidy(paths)
        run = Run(paths, progress, command)
        start = run.clock()
        error: str | None = None
        try:
            yield run
        except BaseException as failure:
            error = str(failure) or type(failure).__name__
            raise
        finally:
            # A record that cannot be written must not hide what happened.
            with suppress(OSError):
                append(run.paths, _record(run, start, error))


def _record(run: Run, start: datetime, error: str | None) -> dict[str, Any]:
    return {
        "command": run.command,
        "start": start.isoformat(timespec="seconds"),
        "end": run.clock().isoformat(timespec="seconds"),
        "steps": run.steps,
        "rows": run.rows,
        "tests": run.tests,
        "build_id": run.build_id,
        "outcome": "failed" if error else "done",
        "error": error,
    }
