"""What the API says that a store counted: by day where it adds up itself, else by hour.

Flow: `GET /readings/days` in one answer a store; or `GET /` without a door, an answer an hour.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol
from urllib.parse import quote_plus

from ingestion.sources.store_sensors.asking import Asker, Unanswered
from ingestion.sources.store_sensors.client import Client, StoreError
from ingestion.sources.store_sensors.holdings import Counted, Holdings
from ingestion.sources.store_sensors.hours import DAY, Span, text_of
from ingestion.sources.store_sensors.settings import StoreSensorsSettings
from ingestion.sources.store_sensors.single import reading_of, refusal_of
from ingestion.sources.store_sensors.stores import Store

# Longer texts are no visits of an hour.
LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Compared:
    """A store's hours at the source beside those here.

    Attributes:
        there: by day; `readings` is None where the API tells only visits.
        here: the same of what raw holds.
        differing: the hours to read again.
    """

    there: Mapping[date, Counted]
    here: Mapping[date, Counted]
    differing: frozenset[datetime]


class Counting(Protocol):
    """A way to ask what a store counted."""

    def compare(self, store: Store, span: Span, holdings: Holdings) -> Compared:
        """Compare a store's hours.

        Raises:
            StoreError: the API refused, or gave no whole answer.
            LoadError: the API cannot be reached.
        """


@dataclass(frozen=True)
class DayCounting:
    """`GET /readings/days`: counts, sums and checksums by day."""

    client: Client

    def compare(self, store: Store, span: Span, holdings: Holdings) -> Compared:
        """Compare days; of one that differs all hours are to be read."""
        there = self.client.days(store.name, span)
        here = holdings.days(store.name, span)
        nothing = Counted(0, 0, 0, 0, 0)
        days = {day for day in {*there, *here} if there.get(day, nothing) != here.get(day, nothing)}
        hours = frozenset(hour for day in days for hour in _of_day(day, span).hours(store.zone))
        return Compared(there, here, hours)


@dataclass(frozen=True)
class HourCounting:
    """`GET /` without a door: the visits of all doors in an hour, failures as 0.

    What changes no sum is not seen: a failure that becomes a 0, two doors that change places.
    """

    settings: StoreSensorsSettings

    def compare(self, store: Store, span: Span, holdings: Holdings) -> Compared:
        """Compare hours; only those that differ are to be read."""
        there = self._sums(store, span)
        here = holdings.hourly_visits(store.name, span)
        differing = frozenset(
            hour for hour in {*there, *here} if there.get(hour, 0) != here.get(hour, 0)
        )
        return Compared(_by_day(there), _by_day(here), differing)

    def _sums(self, store: Store, span: Span) -> dict[datetime, int]:
        settings, sums = self.settings, dict[datetime, int]()
        hours = [*span.hours(store.zone)]
        with Asker(
            settings.base_url,
            reading_of,
            timeout=settings.timeout,
            connections=settings.connections,
        ) as asker:
            for n, answer in asker.ask(_targets(store.name, hours)):
                if isinstance(answer, Unanswered):
                    raise StoreError(answer.reason)
                why = refusal_of(answer)
                if why is None and not _is_number(answer):
                    why = f"{answer!r} is no whole number"
                if why is not None:
                    msg = f"{text_of(hours[n])} has no sum of visits: {why}"
                    raise StoreError(msg)
                # -2: no door counted yet.
                sums[hours[n]] = max(0, int(str(answer)))
        return sums


def shrink_of(compared: Compared) -> tuple[int, int, str]:
    """Return what is at the source, what is here, and what was counted."""
    there, here = ([*part.values()] for part in (compared.there, compared.here))
    if any(day.readings is None for day in there):
        return sum(d.visits for d in there), sum(d.visits for d in here), "visits"
    return sum(d.readings or 0 for d in there), sum(d.readings or 0 for d in here), "readings"


def whole_days(span: Span) -> Iterator[date]:
    """Yield the days of which all hours lie in a span."""
    day = span.since.date() + (timedelta(0) if span.since == _midnight(span.since) else DAY)
    while _midnight(day) + DAY <= span.until:
        yield day
        day += DAY


def _of_day(day: date, span: Span) -> Span:
    begin = _midnight(day)
    return Span(max(begin, span.since), min(begin + DAY, span.until))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _by_day(sums: Mapping[datetime, int]) -> dict[date, Counted]:
    days: dict[date, Counted] = {}
    for hour, visits in sums.items():
        day = days.get(hour.date(), Counted(None, 0, 0, 0, 0))
        days[hour.date()] = replace(day, visits=day.visits + visits)
    return days


def _is_number(answer: object) -> bool:
    text = str(answer)
    return text.lstrip("-").isdigit() and len(text) <= LONGEST_NUMBER


def _targets(store: str, hours: list[datetime]) -> Iterator[str]:
    name = quote_plus(store)
    for hour in hours:
        yield (
            f"/?store_name={name}&year={hour.year}&month={hour.month}&day={hour.day}"
            f"&hour={hour.hour}"
        )


def counting_of(client: Client, settings: StoreSensorsSettings) -> Counting:
    """Return the way that the API has.

    Raises:
        LoadError: the API cannot be reached.
    """
    return DayCounting(client) if client.has_days() else HourCounting(settings)
