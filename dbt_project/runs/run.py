"""The steps of a run, timed and remembered, one run at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from dbt_project.build.audit import read_audit
from dbt_project.build.build import build
from dbt_project.build.scope import changed_sources
from dbt_project.paths import Paths
from dbt_project.publishing import publish as publication
from dbt_project.publishing.rollback import go_back
from dbt_project.runs.lineage import lineage_of
from dbt_project.runs.lock import only_run
from dbt_project.runs.log_file import LogFile, events, logged
from dbt_project.runs.origin import LIVE, claim, kind_of
from dbt_project.runs.records import append
from dbt_project.runs.run_record import RUNNING, killed, record, run_id
from ingestion.core.errors import LoadError
from ingestion.core.loading import load
from ingestion.core.progress import Progress
from ingestion.core.registry import find_source
from ingestion.core.registry import sources as all_sources
from ingestion.core.source import LoadOptions

if TYPE_CHECKING:
    from ingestion.core.loading import LoadReport, LoadSession

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time now, with its zone."""
    return datetime.now(UTC)


@dataclass
class Run:
    """What one command did; becomes a line of runs.jsonl.

    Attributes:
        start: when it began, UTC.
        rows: received, by source and raw table.
        rows_out: of the marts that it built and published.
        rejected: rows of what it published that are set aside, by mart.
        error: why it failed, where it goes on nevertheless.
        ask_dbt: whether dbt executes each build itself, also where a plan holds.
        is_round: one of many in a process, which tells those that brought something.
        session: what loads keep open from one run to the next; closed after the load without one.
        is_worth_a_record: not so where nothing was to be done, and that was recorded lately.
    """

    paths: Paths
    progress: Progress
    command: str
    clock: Clock = utc_now
    steps: dict[str, float] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    tests: dict[str, int] = field(default_factory=dict)
    rows_out: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    build_id: str | None = None
    error: str | None = None
    ask_dbt: bool = False
    is_round: bool = False
    session: LoadSession | None = None
    is_worth_a_record: bool = True

    def __post_init__(self) -> None:
        self.start = self.clock()

    @property
    def id(self) -> str:
        """The run's name."""
        return run_id(self.start, os.getpid())

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step, in seconds, whether it succeeds or not."""
        begun = monotonic()
        try:
            yield
        finally:
            self.steps[name] = round(self.steps.get(name, 0.0) + monotonic() - begun, 2)
            self.tell("%s took %.2f s", name, self.steps[name])

    def tell(self, event: str, *arguments: object) -> None:
        """Write an event to the log."""
        if not self.is_round:
            events.info("%s: %s", self.command, event % arguments)

    def load(
        self,
        sources: Sequence[str],
        *,
        since: date | None,
        until: date | None,
        accept_shrink: bool,
        file: Path | None = None,
        reconcile: bool = False,
    ) -> None:
        """Load what is new at the sources into raw.

        Args:
            sources: by name; all that are configured where there is none.
            since: first day to load.
            until: the day after the last.
            accept_shrink: load even where a source lost many rows.
            file: load this file instead of asking the source.
            reconcile: compare what was loaded with the sources instead of asking for what is new.

        Raises:
            WarehouseError: every source failed; what was loaded before stays. Where only some
                did, `require_all_loaded` says so, after the others were published.
        """
        known = all_sources().values()
        asked = [find_source(name) for name in sources] or [s for s in known if s.is_configured()]
        options = LoadOptions(since, until, file, accept_shrink, reconcile)
        options.require_taken(asked)
        with self.step("reconcile" if reconcile else "load"):
            for source in asked:
                try:
                    claim(self.paths, source.name, LIVE if file else kind_of(source.addresses()))
                    report = load(
                        source.name,
                        **vars(options),
                        data_dir=self.paths.data,
                        progress=self.progress,
                        session=self.session,
                    )
                except LoadError as error:
                    self.failures[source.name] = str(error)
                    continue
                self._remember(report)
        if all(source.name in self.failures for source in asked):
            self.require_all_loaded()

    def _remember(self, report: LoadReport) -> None:
        """Keep what a load brought and told."""
        rows = self.rows.setdefault(report.source, {})
        for table, count in report.rows.items():
            rows[table] = rows.get(table, 0) + count
        self.notes += report.notes
        for part, why in report.failures.items():
            self.failures[f"{report.source}, {part}"] = why

    def require_all_loaded(self) -> None:
        """Say which sources failed.

        Raises:
            WarehouseError: at least one did.
        """
        if self.failures:
            raise LoadError("; ".join(f"{name}: {why}" for name, why in self.failures.items()))

    def is_anything_new(self) -> bool:
        """Whether a build could give anything but what is published; says so where not."""
        newest = publication.newest_published(self.paths)
        if not newest or changed_sources(self.paths, self.paths.builds / newest) != []:
            return True
        self.build_id = str((publication.published_manifest(self.paths) or {})["build_id"])
        if newest == self.build_id:
            self.notes.append("Nothing is new since the published build: it stays.")
        else:
            self.notes.append(f"Nothing is new since {newest}, which was undone: it stays so.")
        return False

    def build(
        self,
        *,
        full_refresh: bool = False,
        select: Sequence[str] = (),
        sources: Sequence[str] | None = None,
    ) -> None:
        """Build the marts in the working file and audit them; see `build` for the arguments.

        Raises:
            WarehouseError: a model or a test failed; nothing was published.
        """
        with self.step("build"):
            audit = build(
                self.paths,
                full_refresh=full_refresh,
                select=select,
                sources=sources,
                progress=self.progress,
                running=record(self, outcome=RUNNING),
                ask_dbt=self.ask_dbt,
            )
        self._move_time("build", "audit", audit.dbt.test_seconds)
        self.tests = {
            name: getattr(audit.dbt, name) for name in ("tests", "passed", "failed", "warned")
        }
        audit.require_passed()

    def _move_time(self, step: str, part: str, seconds: float) -> None:
        """Tell a part of a step as a step of its own."""
        self.steps[step] = round(self.steps[step] - seconds, 2)
        self.steps[part] = round(self.steps.get(part, 0.0) + seconds, 2)

    def publish(self) -> None:
        """Publish the working file, if its audit passed.

        Raises:
            WarehouseError: it did not.
        """
        with self.step("publish"):
            manifest = publication.publish(self.paths, now=self.clock(), progress=self.progress)
            self.build_id = manifest["build_id"]
        rows = {name: int(table["rows"]) for name, table in manifest["tables"].items()}
        audit = read_audit(self.paths)
        self.rows_out = {name: rows[name] for name in (audit.dbt.built if audit else ())}
        self.rejected = {name: rows[name] for name in rows if ".rejected_" in name}

    def go_back(self, build_id: str) -> None:
        """Publish a build that is kept; see `undo.go_back`.

        Raises:
            WarehouseError: it is not kept.
        """
        with self.step("publish"):
            self.build_id = go_back(self.paths, build_id, now=self.clock())["build_id"]


@contextmanager
def running(paths: Paths, command: str, progress: Progress) -> Iterator[Run]:
    """Hold the data folder for one command, clean up after a killed one, and keep a record.

    Raises:
        WarehouseError: another run holds the folder, or it cannot be written.
    """
    with holding(paths) as log, recorded(Run(paths, progress, command), log) as run:
        yield run


@contextmanager
def holding(paths: Paths) -> Iterator[LogFile]:
    """Hold the data folder; yields the log, in which each run is to be `recorded`.

    Raises:
        WarehouseError: another run holds the folder, or it cannot be written.
    """
    with only_run(paths) as left:
        publication.tidy(paths)
        if left:
            with suppress(OSError):
                append(paths, killed(left))
        with logged(paths) as log:
            yield log


@contextmanager
def recorded(run: Run, log: LogFile) -> Iterator[Run]:
    """Keep a record of a run, however it ends, and its id on each line of the log."""
    log.run_id = run.id
    run.tell("began")
    lineage = lineage_of(run)
    error: str | None = None
    try:
        yield run
    except BaseException as failure:
        error = str(failure) or type(failure).__name__
        raise
    finally:
        run.error = run.error or error
        failed = f"failed: {' '.join(run.error.split())}" if run.error else None
        run.tell("%s", failed or f"done, published {run.build_id or 'nothing'}")
        # A record that cannot be written must not hide what happened.
        if run.is_worth_a_record:
            with suppress(OSError):
                append(run.paths, record(run, run.error))
        if lineage:
            lineage.end(run.error)
