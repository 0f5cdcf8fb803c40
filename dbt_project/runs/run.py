"""The steps of a run, timed and recorded, one run at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbt_project.build.audit import read_audit
from dbt_project.build.build import build
from dbt_project.build.scope import changed_sources
from dbt_project.data_version import stamp
from dbt_project.log_file import LogFile, logged
from dbt_project.paths import Paths
from dbt_project.published import newest_published, published_manifest
from dbt_project.publishing import publish as publication
from dbt_project.publishing.rollback import rollback
from dbt_project.run_records import RUNNING, append
from dbt_project.runs.clock import require_clock
from dbt_project.runs.lineage import start_lineage
from dbt_project.runs.lock import changing, run_lock
from dbt_project.runs.origin import LIVE, assert_same_origin, classify_addresses
from dbt_project.runs.rejections import find_new_rows
from dbt_project.runs.run_history import publish_run_history
from dbt_project.runs.server_step import ServerStep
from dbt_project.runs.state import killed_record
from ingestion.core.clock import utc_now
from ingestion.core.errors import LoadError, WarehouseError
from ingestion.core.lake.following import follow_lake
from ingestion.core.loading import load
from ingestion.core.process.secrets import mask
from ingestion.core.process.signals import raise_if_stopped
from ingestion.core.progress import Progress
from ingestion.core.raw.emptiness import without_any_row
from ingestion.core.registry import find_source
from ingestion.core.registry import sources as all_sources
from ingestion.core.source import NO_OPTIONS, LoadOptions, Source

if TYPE_CHECKING:
    from dbt_project.runs.state import RunState
    from ingestion.core.loading import LoadReport


@dataclass
class Run(ServerStep):
    """The steps of a run."""

    def load(
        self,
        sources: Sequence[str],
        options: LoadOptions = NO_OPTIONS,
        *,
        origin: str | None = None,
    ) -> None:
        """Load what is new at the sources into raw.

        Args:
            sources: by name; all that are configured where there is none.
            options: what to load, or to reconcile.
            origin: of the rows; by default files are real, and others are by their address.

        Raises:
            WarehouseError: every source failed. Call `require_all_loaded` for those that did.
        """
        known = all_sources().values()
        asked = [find_source(name) for name in sources] or [s for s in known if s.is_configured()]
        options.require_taken(asked)
        with self.step("reconcile" if options.reconcile else "load"):
            for source in asked:
                raise_if_stopped()
                try:
                    of_address = LIVE if options.files else classify_addresses(source.addresses())
                    assert_same_origin(self.paths, source.name, origin or of_address)
                    report = load(
                        source.name,
                        options,
                        data_dir=self.paths.data,
                        progress=self.progress,
                        session=self.session,
                    )
                except LoadError as error:
                    raise_if_stopped()
                    self.failures[source.name] = mask(str(error))
                    continue
                self._add_report(report)
                if not (options.reconcile or report.failures):
                    self._note_emptiness(source, options)
        if all(source.name in self.failures for source in asked):
            self.require_all_loaded()

    def _add_report(self, report: LoadReport) -> None:
        """Add what a load received and reported."""
        rows = self.rows.setdefault(report.source, {})
        for table, count in report.rows.items():
            rows[table] = rows.get(table, 0) + count
        self.notes += map(mask, report.notes)
        for part, why in report.failures.items():
            self.failures[f"{report.source}, {part}"] = mask(why)

    def _note_emptiness(self, source: Source, options: LoadOptions) -> None:
        """Fail a load after which raw has nothing of the source."""
        if why := without_any_row(self.paths.data, source, options):
            self.failures[source.name] = why

    def require_all_loaded(self) -> None:
        """Fail if a source failed, naming each.

        Raises:
            WarehouseError: at least one did.
        """
        if self.failures:
            raise LoadError("; ".join(f"{name}: {why}" for name, why in self.failures.items()))

    def require_all_done(self) -> None:
        """Fail if a source failed, or the server does not have what is published, naming each.

        Raises:
            WarehouseError: at least one did.
        """
        if self.server_error is None:
            self.require_all_loaded()
            return
        failures = [f"{name}: {why}" for name, why in self.failures.items()]
        raise WarehouseError("; ".join([*failures, self.server_error]))

    def is_anything_new(self) -> bool:
        """Whether a build could differ from what is published; adds a note if not."""
        self.new_rows = self.new_rows or []
        newest = newest_published(self.paths)
        if not newest or changed_sources(self.paths, self.paths.builds / newest) != []:
            return True
        self.build_id = str((published_manifest(self.paths) or {})["build_id"])
        if newest == self.build_id:
            self.notes.append("Nothing is new since the published build.")
        else:
            self.notes.append(f"Nothing is new since {newest}, which was rolled back.")
        return False

    def build(
        self,
        *,
        full_refresh: bool = False,
        select: Sequence[str] = (),
        sources: Sequence[str] | None = None,
    ) -> None:
        """Build the marts in the working file and audit them; see `build` for the arguments.

        A source of whose new rows none is taken is in `failures` after it: the build is right and
        can be published. Call `require_all_loaded` then.

        Raises:
            WarehouseError: a model or a test failed; nothing was published.
        """
        with self.step("build"):
            follow_lake(self.paths.data, self.progress)
            audit = build(
                self.paths,
                full_refresh=full_refresh,
                select=select,
                sources=sources,
                progress=self.progress,
                running=self.record(outcome=RUNNING),
                ask_dbt=self.ask_dbt,
            )
        self.move_time("build", "audit", audit.dbt.test_seconds)
        self.audit = audit.dbt
        self.tests = {
            name: getattr(audit.dbt, name) for name in ("tests", "passed", "failed", "warned")
        }
        audit.require_passed()
        if audit.full:
            found = find_new_rows(self.paths)
            self.new_rows = [*(self.new_rows or ()), *found]
            self.failures |= {new.source: new.failure for new in found if new.failure}

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
        self.publish_to_server()

    def rollback(self, build_id: str) -> None:
        """Publish a retained build, also on the server; see `rollback`.

        Raises:
            WarehouseError: it is not retained.
        """
        with self.step("publish"):
            self.build_id = rollback(self.paths, build_id, now=self.clock())["build_id"]
        self.publish_to_server()


@contextmanager
def running(
    paths: Paths,
    command: str,
    progress: Progress,
    *,
    wait: float = 0,
    report: Callable[[RunState], None] | None = None,
) -> Iterator[Run]:
    """Lock the data folder for one command, clean up after a killed one, and keep a record.

    Args:
        paths: of the warehouse.
        command: its name.
        progress: where to show the work.
        wait: seconds to wait for another run to end.
        report: see `RunState`.

    Raises:
        WarehouseError: another run has the folder, or it cannot be written.
    """
    with (
        exclusive_access(paths, wait=wait) as log,
        recorded(Run(paths, progress, command, report=report), log) as run,
    ):
        yield run


@contextmanager
def exclusive_access(paths: Paths, *, wait: float = 0) -> Iterator[LogFile]:
    """Lock the data folder; yields the log, in which each run is to be `recorded`.

    Args:
        paths: of the warehouse.
        wait: seconds to wait for another run to end.

    Raises:
        WarehouseError: another run has the folder, or it cannot be written.
    """
    with run_lock(paths, wait=wait) as left:
        stamp(paths)
        require_clock(paths, utc_now())
        with changing(paths):
            publication.prune_builds(paths)
        if left:
            with suppress(OSError):
                append(paths, killed_record(left))
        with logged(paths) as log:
            yield log


@contextmanager
def recorded(run: Run, log: LogFile) -> Iterator[Run]:
    """Keep a record of a run, however it ends, and its id on each line of the log."""
    log.run_id = run.id
    run.log_event("began")
    lineage = start_lineage(run)
    error: str | None = None
    try:
        yield run
    except BaseException as failure:
        error = mask(str(failure)) or type(failure).__name__
        raise
    finally:
        run.error = run.error or error
        failed = f"failed: {' '.join(run.error.split())}" if run.error else None
        run.log_event("%s", failed or f"done, published {run.build_id or 'nothing'}")
        # A failure to write the record must not hide what happened.
        if run.should_record:
            with suppress(OSError):
                append(run.paths, run.record())
                publish_run_history(run.paths)
        if run.report and run.should_record:
            run.report(run)
        if lineage:
            lineage.end(run.error)
