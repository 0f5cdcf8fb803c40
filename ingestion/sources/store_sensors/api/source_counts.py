"""What the API says that a store counted: by day where it adds up itself, otherwise by hour.

Flow: `GET /readings/days`, one answer per store; or `GET /` without a door, one answer per hour.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from ingestion.core.fetching.concurrent_client import FailedRequest
from ingestion.core.intervals import DAY
from ingestion.core.raw.reconciliation import differing_periods
from ingestion.sources.store_sensors.api.client import Client
from ingestion.sources.store_sensors.api.errors import StoreError
from ingestion.sources.store_sensors.api.per_reading_route import fetching, refusal_of, targets
from ingestion.sources.store_sensors.api.stores import Store
from ingestion.sources.store_sensors.hours import Span, hours_of, midnight, text_of
from ingestion.sources.store_sensors.raw_state import DayCount, LoadedReadings
from ingestion.sources.store_sensors.settings import StoreSensorsSettings

# Longer texts are not the visits of an hour.
MAX_DIGITS = 18
NO_READINGS = DayCount(0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Comparison:
    """A store's hours at the source compared with those in raw.

    Attributes:
        there: by day; `readings` is None where the API gives only visits.
        here: the same of what is loaded.
        differing: the hours to read again.
    """

    there: Mapping[date, DayCount]
    here: Mapping[date, DayCount]
    differing: frozenset[datetime]


@dataclass(frozen=True)
class DayCounts:
    """`GET /readings/days`: counts, sums and checksums by day."""

    client: Client

    def compare(self, store: Store, span: Span, loaded: LoadedReadings) -> Comparison:
        """Compare days; of one that differs all hours are to be read.

        Raises:
            StoreError: the API refused, or gave no whole answer.
            LoadError: the API cannot be reached.
        """
        there = self.client.days(store.name, span)
        here = loaded.days(store.name, span)
        days = differing_periods(there, here, NO_READINGS)
        hours = frozenset(hour for day in days for hour in hours_of(_of_day(day, span), store.zone))
        return Comparison(there, here, hours)


@dataclass(frozen=True)
class HourCounts:
    """`GET /` without a door: the visits of all doors in an hour, failures as 0.

    What changes no sum is not seen: a failure that becomes a 0, two doors that change places.
    """

    settings: StoreSensorsSettings

    def compare(self, store: Store, span: Span, loaded: LoadedReadings) -> Comparison:
        """Compare hours; only those that differ are to be read."""
        there = self._sums(store, span)
        here = loaded.hourly_visits(store.name, span)
        differing = differing_periods(there, here, 0)
        return Comparison(_by_day(there), _by_day(here), frozenset(differing))

    def _sums(self, store: Store, span: Span) -> dict[datetime, int]:
        sums: dict[datetime, int] = {}
        hours = [*hours_of(span, store.zone)]
        with fetching(self.settings) as fetcher:
            asked = [(None, text_of(hour)) for hour in hours]
            for n, answer in fetcher.fetch(targets(store.name, asked)):
                if isinstance(answer, FailedRequest):
                    raise StoreError(answer.reason)
                why = refusal_of(answer)
                if why is None and not _is_number(answer):
                    why = f"{answer!r} is not a whole number"
                if why is not None:
                    msg = f"{text_of(hours[n])} has no sum of visits: {why}"
                    raise StoreError(msg)
                # -2: no door counted yet.
                sums[hours[n]] = max(0, int(str(answer)))
        return sums


def shrink_of(compared: Comparison) -> tuple[int, int, str]:
    """Return what is at the source, what is here, and what was counted."""
    there, here = ([*part.values()] for part in (compared.there, compared.here))
    if any(day.readings is None for day in there):
        return sum(d.visits for d in there), sum(d.visits for d in here), "visits"
    return sum(d.readings or 0 for d in there), sum(d.readings or 0 for d in here), "readings"


def whole_days(span: Span) -> Iterator[date]:
    """Yield the days of which all hours are in a span."""
    day = span.since.date()
    if span.since != midnight(day):
        day += DAY
    while midnight(day) + DAY <= span.until:
        yield day
        day += DAY


def _of_day(day: date, span: Span) -> Span:
    begin = midnight(day)
    return Span(max(begin, span.since), min(begin + DAY, span.until))


def _by_day(sums: Mapping[datetime, int]) -> dict[date, DayCount]:
    days: dict[date, DayCount] = {}
    for hour, visits in sums.items():
        day = days.get(hour.date(), DayCount(None, 0, 0, 0, 0))
        days[hour.date()] = replace(day, visits=day.visits + visits)
    return days


def _is_number(answer: object) -> bool:
    text = str(answer)
    return text.lstrip("-").isdigit() and len(text) <= MAX_DIGITS


# A way to ask what a store counted.
SourceCounts = DayCounts | HourCounts


def source_counts_of(client: Client, settings: StoreSensorsSettings) -> SourceCounts:
    """Return the way that the API has.

    Raises:
        LoadError: the API cannot be reached.
    """
    return DayCounts(client) if client.has_days() else HourCounts(settings)
