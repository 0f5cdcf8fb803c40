"""Comparing what the API counted of each store with raw, and mending what differs.

Flow: counts by day (or sums by hour) at the API and in raw -> what differs is read again, door by
    door -> readings held that the API has no more are noted in reading_deletions. The API's counts
    of whole days go to day_counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa

from ingestion.core.intervals import Days
from ingestion.core.progress import Progress
from ingestion.core.raw_store import RawStore
from ingestion.core.reconciliation import counted, is_shrunk, reconciled, shrunk, utc_text
from ingestion.core.source import LoadResult, Request
from ingestion.sources.store_sensors.client import Client, StoreError
from ingestion.sources.store_sensors.counting import (
    Compared,
    counting_of,
    shrink_of,
    whole_days,
)
from ingestion.sources.store_sensors.holdings import Counted, Holdings
from ingestion.sources.store_sensors.hours import Span
from ingestion.sources.store_sensors.load import stores_of
from ingestion.sources.store_sensors.plan import Plan, plan_again
from ingestion.sources.store_sensors.routes import Route, route_of
from ingestion.sources.store_sensors.settings import StoreSensorsSettings
from ingestion.sources.store_sensors.state import State, StoreState
from ingestion.sources.store_sensors.stores import Store
from ingestion.sources.store_sensors.tables import DAY_COUNTS, SCHEMA
from ingestion.sources.store_sensors.writer import STATE, Writer


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
        stores, _ = stores_of(client)
        work = _Reconciliation(settings, client, raw, request.clock(), request.days)
        work.compare(stores, accept_shrink=request.accept_shrink)
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
    _done: dict[str, tuple[Compared, Span]] = field(default_factory=dict)
    _plans: list[Plan] = field(default_factory=list)
    _asked: int = 0

    def __post_init__(self) -> None:
        self.result = self.raw.result
        self._holdings = Holdings(self.raw.connection)
        state = State.from_json(self.raw.state(STATE))
        self._writer = Writer(self.raw, state, asked_at=utc_text(self.now))

    def compare(self, stores: Sequence[Store], *, accept_shrink: bool) -> None:
        """Ask what each store counted; a store that fails is left, and the next one compared."""
        counting = counting_of(self.client, self.settings)
        for store in stores:
            known = self._writer.state.of(store.name)
            span = self._span(known)
            if span is None:
                continue
            self._asked += 1
            try:
                compared = counting.compare(store, span, self._holdings)
                there, here, what = shrink_of(compared)
                if not accept_shrink and is_shrunk(there, here):
                    msg = f"it has {shrunk(there, here, what)}"
                    raise StoreError(msg)
            except StoreError as error:
                self.result.failures[store.name] = str(error)
                continue
            self._done[store.name] = compared, span
            if plan := plan_again(store, known, compared.differing):
                self._plans.append(plan)

    def read_again(self, progress: Progress) -> None:
        """Read what differs, and write what is new of it and what is gone."""
        if not self._plans:
            return
        route: Route = route_of(self.client, self.settings)
        total = sum(plan.readings() for plan in self._plans)
        with progress.task("readings that differ", total, unit="readings") as task:
            self._writer.write(route.batches(self._plans), task)
        self.result.notes += route.notes
        self.result.failures |= route.failures

    def end(self) -> None:
        """Note what was counted, and tell.

        Raises:
            LoadError: no store could be compared.
        """
        failures = self.result.failures
        self.result.note_failures(
            self._asked,
            note="{part} was not reconciled: {reason}; the next reconciliation tries again.",
            error="no store could be reconciled; {part}: {reason}",
        )
        if gone := self.result.rows.get("reading_deletions"):
            self.result.notes.append(f"{gone:,} readings are deleted at the source.")
        done = {name: part for name, part in self._done.items() if name not in failures}
        tables = {"day_counts": self._counts(done), "reconciliations": self._notes(done)}
        rows = {name: [table] for name, table in tables.items() if table.num_rows}
        if rows:
            self.raw.commit(rows, {})

    def _span(self, known: StoreState) -> Span | None:
        """Return the hours that every door is loaded for, and that are asked for."""
        if not known.doors:
            return None
        since = max(span.since for span in known.doors.values())
        until = min(span.until for span in known.doors.values())
        since = max(since, _midnight(self.days.since) or since)
        until = min(until, _midnight(self.days.until) or until)
        return Span(since, until) if since < until else None

    def _counts(self, done: dict[str, tuple[Compared, Span]]) -> pa.Table:
        """Return what was counted of whole days: readings still come in the last one."""
        nothing = Counted(0, 0, 0, 0, 0)
        counts = [
            (name, day, told.readings, told.visits)
            for name, (compared, span) in done.items()
            for day in whole_days(span)
            if day in compared.there or day in compared.here
            for told in (compared.there.get(day, nothing),)
        ]
        held = f"{SCHEMA}.day_counts"
        narrow = not self.days.is_all
        connection = self.raw.connection
        return counted(connection, held, DAY_COUNTS, counts, self.now, unchanged=narrow)

    def _notes(self, done: dict[str, tuple[Compared, Span]]) -> pa.Table:
        if not self.days.is_all:
            return reconciled({}, self.now)
        return reconciled(
            {
                name: (
                    len({*compared.there, *compared.here}),
                    len({hour.date() for hour in compared.differing}),
                )
                for name, (compared, _) in done.items()
            },
            self.now,
        )


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day) if day else None
