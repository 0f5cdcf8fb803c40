"""Clock hours of a place, told by local times without a zone, and spans of them.

An hour that the clocks skip does not exist; an hour that they have twice is one, and has ended
when its second pass has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Span:
    """Local clock hours from `since` up to but without `until`."""

    since: datetime
    until: datetime

    def __contains__(self, hour: datetime) -> bool:
        return self.since <= hour < self.until

    def __bool__(self) -> bool:
        return self.since < self.until

    def hull(self, other: "Span | None") -> "Span":
        """Return the smallest span that holds both."""
        if other is None:
            return self
        return Span(min(self.since, other.since), max(self.until, other.until))

    def touches(self, other: "Span") -> bool:
        """Tell whether no hour lies between the two."""
        return self.since <= other.until and other.since <= self.until

    def hours(self, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield the clock hours of the span that exist in a zone, in order."""
        day = self.since
        while day < self.until:
            end = min(day + DAY, self.until)
            steps = [day + n * HOUR for n in range((end - day) // HOUR)]
            if _offset(day, zone) == _offset(end, zone):
                yield from steps
            else:
                yield from (hour for hour in steps if _exists(hour, zone))
            day = end


def text_of(hour: datetime) -> str:
    """Return an hour as raw holds it, `2025-10-26T02:00:00`."""
    return hour.isoformat(timespec="seconds")


def first_unfinished(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the local clock hour that has not ended; all before it have.

    Args:
        now: an instant with its zone.
        zone: the place.
    """
    local = now.astimezone(zone).replace(tzinfo=None, fold=0)
    return local.replace(minute=0, second=0, microsecond=0)


def union(spans: Iterable[Span], gap: timedelta = timedelta(0)) -> list[Span]:
    """Return the same hours as the fewest spans, in order; gaps up to `gap` are filled."""
    merged: list[Span] = []
    for span in sorted(span for span in spans if span):
        if merged and span.since <= merged[-1].until + gap:
            merged[-1] = merged[-1].hull(span)
        else:
            merged.append(span)
    return merged


def pieces(span: Span, hours: int) -> list[Span]:
    """Return a span in pieces of at most so many hours."""
    step = hours * HOUR
    count = -((span.since - span.until) // step)
    return [
        Span(span.since + n * step, min(span.since + (n + 1) * step, span.until))
        for n in range(count)
    ]


def _offset(hour: datetime, zone: ZoneInfo) -> timedelta | None:
    return hour.replace(tzinfo=zone).utcoffset()


def _exists(hour: datetime, zone: ZoneInfo) -> bool:
    # A skipped time comes back from UTC as another one.
    utc = hour.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
    return utc.astimezone(zone).replace(tzinfo=None) == hour
