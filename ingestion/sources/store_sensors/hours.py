"""Clock hours of a place, as local times without a zone, and spans of them.

An hour that the clocks skip does not exist; an hour that they have twice is one, and has ended
when its second pass has.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingestion.core.intervals import DAY, Interval

HOUR = timedelta(hours=1)


# Local clock hours.
Span = Interval[datetime]


def hours_of(span: Span, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the clock hours of a span that exist in a zone, in order."""
    day = span.since
    while day < span.until:
        end = min(day + DAY, span.until)
        steps = [day + n * HOUR for n in range((end - day) // HOUR)]
        if _offset(day, zone) == _offset(end, zone):
            yield from steps
        else:
            yield from (hour for hour in steps if _exists(hour, zone))
        day = end


def repeated_hours(span: Span, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the clock hours of a span that a zone has twice."""
    day = midnight(span.since.date())
    while day < span.until:
        if _offset(day, zone) != _offset(day + DAY, zone):
            yield from (
                hour for hour in hours_of(Span(day, day + DAY), zone) if _is_twice(hour, zone)
            )
        day += DAY


def midnight(day: date) -> datetime:
    """Return the first hour of a day."""
    return datetime.combine(day, time())


def text_of(hour: datetime) -> str:
    """Return an hour as raw has it, `2025-10-26T02:00:00`."""
    return hour.isoformat(timespec="seconds")


def first_unfinished(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the local clock hour that has not ended; all before it have.

    Args:
        now: an instant with its zone.
        zone: the place.
    """
    local = now.astimezone(zone).replace(tzinfo=None, fold=0)
    return local.replace(minute=0, second=0, microsecond=0)


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


def _is_twice(hour: datetime, zone: ZoneInfo) -> bool:
    return _offset(hour, zone) != _offset(hour.replace(fold=1), zone)


def _exists(hour: datetime, zone: ZoneInfo) -> bool:
    # A skipped time comes back from UTC as another one.
    utc = hour.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
    return utc.astimezone(zone).replace(tzinfo=None) == hour
