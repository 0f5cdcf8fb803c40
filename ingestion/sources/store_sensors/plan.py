"""What one load reads of one store: what is not covered, the look-back, and what is pending."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa

from ingestion.core.intervals import union
from ingestion.sources.store_sensors.api.stores import Store
from ingestion.sources.store_sensors.hours import (
    HOUR,
    Span,
    first_unfinished,
    hours_of,
    midnight,
    pieces,
    text_of,
)
from ingestion.sources.store_sensors.state import StoreState

# Reading a few days twice costs less than another request.
GAP_WORTH_READING = timedelta(days=7)


@dataclass(frozen=True)
class Batch:
    """Readings that were asked for, and the answers.

    Attributes:
        store: whose readings.
        spans: the hours that were asked for.
        asked: columns sensor_id, read_at_local.
        answers: the same and visits, as answered; what is not here was not received.
        is_whole: whether what was not received is not at the source either.
    """

    store: Store
    spans: tuple[Span, ...]
    asked: pa.Table
    answers: pa.Table
    is_whole: bool = True


@dataclass(frozen=True)
class Plan:
    """What is to be read of a store.

    Attributes:
        store: which.
        known: how far it is loaded.
        reach: all hours that are to be covered.
        look_back: the hours that every load reads again.
        pending: sensors by hour of the readings that raw lacks a number of.
    """

    store: Store
    known: StoreState
    reach: Span
    look_back: Span
    pending: dict[datetime, set[int]]

    def asks(self, sensor: int, hour: datetime) -> bool:
        """Whether a reading has to be requested."""
        covered = self.known.doors.get(sensor)
        return (
            covered is None
            or hour not in covered
            or hour in self.look_back
            or sensor in self.pending.get(hour, ())
        )

    def readings(self) -> int:
        """Return about how many readings are to be asked for."""
        hours = 0
        for sensor in self.store.sensors:
            spans = union([*self._gaps(sensor), self.look_back])
            hours += sum((span.until - span.since) // HOUR for span in spans)
        return hours + sum(len(sensors) for sensors in self.pending.values())

    def windows(self, hours: int, gap: timedelta = timedelta(0)) -> list[Span]:
        """Return the spans to read, each of at most so many hours, in the order to read them.

        What is covered grows at its edges, so the hours before it are read backwards.

        Args:
            hours: the most of a window.
            gap: hours between two spans that may be read with them.
        """
        spans = [gap_ for sensor in self.store.sensors for gap_ in self._gaps(sensor)]
        spans += [self.look_back, *(Span(hour, hour + HOUR) for hour in self.pending)]
        covered = self.known.covered
        edge = covered.since if covered else self.reach.since
        before, after = list[Span](), list[Span]()
        for span in union(spans, gap):
            before += pieces(Span(span.since, min(span.until, edge)), hours)
            after += pieces(Span(max(span.since, edge), span.until), hours)
        return [*reversed(before), *after]

    def grid(self, span: Span) -> pa.Table:
        """Return the readings of every door in a span: sensor_id, read_at_local."""
        hours = pa.array([text_of(hour) for hour in hours_of(span, self.store.zone)], pa.string())
        sensors = pa.array([str(sensor) for sensor in self.store.sensors], pa.string())
        return pa.table(
            {
                "sensor_id": sensors.take(pa.array(np.repeat(np.arange(len(sensors)), len(hours)))),
                "read_at_local": hours.take(pa.array(np.tile(np.arange(len(hours)), len(sensors)))),
            }
        )

    def chunks(self, readings: int) -> Iterator[tuple[tuple[Span, ...], list[tuple[int, str]]]]:
        """Yield spans and the readings to ask for in them, at least so many but at the end."""
        spans, asked = list[Span](), list[tuple[int, str]]()
        for window in self.windows(max(1, readings // max(1, len(self.store.sensors)))):
            spans.append(window)
            asked += [
                (sensor, text_of(hour))
                for hour in hours_of(window, self.store.zone)
                for sensor in self.store.sensors
                if self.asks(sensor, hour)
            ]
            if len(asked) >= readings:
                yield tuple(spans), asked
                spans, asked = [], []
        if spans:
            yield tuple(spans), asked

    def _gaps(self, sensor: int) -> list[Span]:
        covered = self.known.doors.get(sensor)
        if covered is None:
            return [self.reach]
        return [
            Span(self.reach.since, covered.since),
            Span(covered.until, self.reach.until),
        ]


def plan_again(store: Store, known: StoreState, hours: Iterable[datetime]) -> Plan | None:
    """Return a plan to read hours again that are covered; None where none are given."""
    reach = known.covered
    pending = {hour: set(store.sensors) for hour in hours}
    if reach is None or not pending:
        return None
    return Plan(store, known, reach, Span(reach.until, reach.until), pending)


def plan_of(
    store: Store,
    known: StoreState,
    pending: dict[datetime, set[int]],
    *,
    since: date,
    until: date | None,
    look_back: timedelta,
    now: datetime,
) -> Plan | None:
    """Return what to read of a store; None where it has had no finished hour yet."""
    begin = max(midnight(since), store.first_hour)
    end = first_unfinished(now, store.zone)
    # After a clock that was ahead: hours that are yet to come are not covered.
    known = known.before(end)
    if until:
        end = min(end, midnight(until))
    covered = known.covered
    if covered is None and begin >= end:
        return None
    reach = Span(begin, max(begin, end)).hull(covered)
    # What was received of no hour that is read is not asked for again.
    pending = {hour: sensors for hour, sensors in pending.items() if hour in reach}
    again = Span(max(reach.since, covered.until - look_back), covered.until) if covered else None
    return Plan(store, known, reach, again or Span(begin, begin), pending)
