"""Load, build what depends on it, audit and publish, again and again, in one process."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from time import monotonic, sleep
from typing import NoReturn

from dbt_project.log_file import LogFile
from dbt_project.paths import Paths
from dbt_project.run_records import records
from dbt_project.runs.run import Run, recorded
from ingestion.core.clock import utc_now
from ingestion.core.errors import WarehouseError
from ingestion.core.process.signals import raise_if_stopped
from ingestion.core.source import NO_OPTIONS, LoadOptions

logger = logging.getLogger(__name__)
RECONCILE = LoadOptions(reconcile=True)

# An iteration without anything new is recorded this often, so that status shows the last check.
SECONDS_BETWEEN_RECORDS = 60.0
# After a failure the next iteration waits twice as long as before, up to this.
MAX_WAIT = 60.0


def watch(
    begin: Callable[[], Run],
    sources: Sequence[str],
    *,
    log: LogFile,
    every: float,
    reconciliation: "DailyReconciliation | None" = None,
) -> NoReturn:
    """Iterate until a signal comes; a failed iteration is reported and tried again.

    Args:
        begin: creates the run of an iteration; the caller has locked the data folder.
        sources: by name; all that are configured where there is none.
        log: of the data folder.
        every: least seconds from the start of an iteration to that of the next.
        reconciliation: when an iteration compares with the sources instead; never where None.
    """
    wait, recorded_at, last_error = every, 0.0, None
    while True:
        began, run, failure = monotonic(), begin(), None
        with recorded(run, log):
            is_due = reconciliation is not None and reconciliation.begin()
            failure = _iterate(run, sources, RECONCILE if is_due else NO_OPTIONS)
            run.error = failure or _require_all_done(run)
            is_news = (
                failure is not None
                or run.error != last_error
                or any(run.rows.values())
                or "build" in run.steps
            )
            run.should_record = is_news or monotonic() - recorded_at >= SECONDS_BETWEEN_RECORDS
        recorded_at = monotonic() if run.should_record else recorded_at
        if is_news:
            _report(run, run.error if failure or run.error != last_error else None)
        last_error = run.error
        # A failed part of a source (a country's database) delays nothing else.
        wait = min(2 * wait, max(every, MAX_WAIT)) if failure else every
        sleep(max(0.0, wait - (monotonic() - began)))


class DailyReconciliation:
    """Once a day, at a time of UTC, and at once if that was missed while nothing ran.

    Args:
        at: the time of day, UTC.
        last: when the sources were compared last; None where that is unknown.
        clock: the time, UTC.
    """

    def __init__(
        self, at: time, last: datetime | None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._at, self._clock = at, clock
        self._last = last or clock()

    def begin(self) -> bool:
        """Whether it is due; it then counts as begun, and is not repeated if it fails."""
        now = self._clock()
        due = datetime.combine(now.date(), self._at, UTC)
        if due > now:
            due -= timedelta(days=1)
        is_due = self._last < due
        if is_due:
            self._last = now
        return is_due


def last_reconciliation(paths: Paths) -> datetime | None:
    """When a run last compared with the sources, by its record."""
    ends = [one["end"] for one in records(paths) if "reconcile" in one["steps"] and one["end"]]
    return datetime.fromisoformat(ends[-1]) if ends else None


def _iterate(run: Run, sources: Sequence[str], options: LoadOptions) -> str | None:
    """Run one iteration; returns what failed, if anything did."""
    try:
        run.load(sources, options)
        if run.is_anything_new():
            run.build(sources=())
            run.publish()
        else:
            run.publish_to_server()
    except WarehouseError as failure:
        raise_if_stopped()
        return str(failure)
    return None


def _require_all_done(run: Run) -> str | None:
    """Return which parts of the sources, or which server, failed while the others did not."""
    try:
        run.require_all_done()
    except WarehouseError as failure:
        return str(failure)
    return None


def _report(run: Run, error: str | None) -> None:
    rows = sum(count for tables in run.rows.values() for count in tables.values())
    steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in run.steps.items())
    logger.info("%s rows, %s, published %s", f"{rows:,}", steps, run.build_id or "nothing")
    if error:
        logger.error("%s", error)
