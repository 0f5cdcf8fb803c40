"""Comparing what the API counted of each store with raw, and repairing what differs.

Flow: counts by day (or sums by hour) at the API and in raw -> what differs is read again, door by
    door -> loaded readings that the API no longer has are noted in reading_deletions. The API's
    counts of whole days go to day_counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from ingestion.core.intervals import Days
from ingestion.core.progress import Progress
from ingestion.core.raw.reconciliation import ReconciliationNotes, shrink_problem, utc_text
from ingestion.core.raw.store import RawStore
from ingestion.core.source import LoadResult, Request
from ingestion.sources.store_sensors.api.client import Client
from ingestion.sources.store_sensors.api.errors import StoreError
from ingestion.sources.store_sensors.api.routes import Route, route_of
from ingestion.sources.store_sensors.api.source_counts import (
    NO_READINGS,
    Comparison,
    shrink_of,
    source_counts_of,
    whole_days,
)
from ingestion.sources.store_sensors.api.stores import Store
from ingestion.sources.store_sensors.hours import Span, midnight
from ingestion.sources.store_sensors.load import stores_of
from ingestion.sources.store_sensors.plan import Plan, plan_again
from ingestion.sources.store_sensors.raw_state import LoadedReadings
from ingestion.sources.store_sensors.settings import StoreSensorsSettings
from ingestion.sources.store_sensors.source import SOURCE
from ingestion.sources.store_sensors.state import StoreState
from ingestion.sources.store_sensors.writer import Writer


def reconcile_store_sensors(request: Request) -> LoadResult:
    """Make the requested local days of readings in raw agree with the API.

    Returns:
        What was read again and what was deleted; a store that failed is in its `failures`.

    Raises:
        LoadError: no store could be compared, or see the message; what was committed stays.
    """
    settings = StoreSensorsSettings.read_checked()
    with (
        Client(settings.base_url, timeout=settings.timeout, sleep=request.sleep) as client,
        RawStore.for_request(request) as raw,
    ):
        raw.make_tables()
        raw.origins.read = partial(client.origins, "readings")
        stores, _ = stores_of(client)
        work = _Reconciliation(settings, client, raw, request.clock(), request.options.days)
        work.compare(stores, accept_shrink=request.options.accept_shrink)
        work.read_again(request.progress)
        work.end()
        return raw.result


@dataclass
class _Reconciliation:
    settings: StoreSensorsSettings
    client: Client
    raw: RawStore
    now: datetime
    days: Days
    _done: dict[str, tuple[Comparison, Span]] = field(default_factory=dict)
    _plans: list[Plan] = field(default_factory=list)
    _asked: int = 0

    def __post_init__(self) -> None:
        self.result = self.raw.result
        self._loaded = LoadedReadings(self.raw.connection)
        self._writer = Writer(self.raw, deleted_at=utc_text(self.now))

    def compare(self, stores: Sequence[Store], *, accept_shrink: bool) -> None:
        """Ask what each store counted; a store that fails is left, and the next one compared."""
        counts = source_counts_of(self.client, self.settings)
        for store in stores:
            known = self._writer.state.of(store.name)
            span = self._span(known)
            if span is None:
                continue
            self._asked += 1
            try:
                compared = counts.compare(store, span, self._loaded)
                there, here, what = shrink_of(compared)
                if why := shrink_problem(there, here, what, accept=accept_shrink):
                    msg = f"it {why}"
                    raise StoreError(msg)
            except StoreError as error:
                self.result.failures[store.name] = str(error)
                continue
            self._done[store.name] = compared, span
            if plan := plan_again(store, known, compared.differing):
                self._plans.append(plan)

    def read_again(self, progress: Progress) -> None:
        """Read what differs, and write what is new of it and what was deleted."""
        if not self._plans:
            return
        route: Route = route_of(self.client, self.settings)
        total = sum(plan.readings() for plan in self._plans)
        with progress.task("readings that differ", total, unit="readings") as task:
            self._writer.write(route.batches(self._plans), task)
        self.result.notes += route.notes
        self.result.failures |= route.failures

    def end(self) -> None:
        """Note what was counted, and report.

        Raises:
            LoadError: no store could be compared.
        """
        failures = self.result.failures
        self.result.note_failures(
            self._asked,
            note="{part} was not reconciled: {reason}; the next reconciliation tries again.",
            error="no store could be reconciled; {part}: {reason}",
        )
        if deleted := self.result.rows.get("reading_deletions"):
            self.result.notes.append(f"{deleted:,} readings are deleted at the source.")
        done = {name: part for name, part in self._done.items() if name not in failures}
        notes = ReconciliationNotes(SOURCE, "day_counts", self._loaded, self.now, self.days)
        periods = {
            name: (
                len({*compared.there, *compared.here}),
                len({hour.date() for hour in compared.differing}),
            )
            for name, (compared, _) in done.items()
        }
        rows = notes.changed_counts(_counts(done)) | notes.reconciliation_rows(periods)
        if rows:
            self.raw.commit({name: [table] for name, table in rows.items()}, {})

    def _span(self, known: StoreState) -> Span | None:
        """Return the hours that every door is loaded for, and that are asked for."""
        if not known.doors:
            return None
        since = max(span.since for span in known.doors.values())
        until = min(span.until for span in known.doors.values())
        since = max(since, midnight(self.days.since) if self.days.since else since)
        until = min(until, midnight(self.days.until) if self.days.until else until)
        return Span(since, until) if since < until else None


def _counts(done: Mapping[str, tuple[Comparison, Span]]) -> Iterator[tuple[object, ...]]:
    """Yield what was counted of whole days: readings still come in the last one."""
    for name, (compared, span) in done.items():
        for day in whole_days(span):
            if day in compared.there or day in compared.here:
                count = compared.there.get(day, NO_READINGS)
                yield name, day, count.readings, count.visits
