"""Half-open intervals of days, and the weekly windows that they are filled by."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

OPEN = date.max
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Interval:
    """Days from `since` up to but without `until`; `OPEN` has no end."""

    since: date
    until: date = OPEN

    @property
    def is_open(self) -> bool:
        """Whether it has no end."""
        return self.until == OPEN

    def __contains__(self, day: date) -> bool:
        return self.since <= day and (self.is_open or day < self.until)

    def where(self, column: str) -> str:
        """Return the interval as a condition on a column, in SoQL and in SQL on text alike."""
        parts = [f"{column} >= '{self.since}T00:00:00.000'"]
        if not self.is_open:
            parts.append(f"{column} < '{self.until}T00:00:00.000'")
        return " and ".join(parts)


@dataclass(frozen=True)
class Window:
    """What one keyset of pages fills: some days, or (None) the rows without a day."""

    days: Interval | None

    def where(self, column: str) -> str:
        """Return the window as a condition on a column."""
        return f"{column} is null" if self.days is None else self.days.where(column)


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same days as the fewest intervals, in order."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.since <= merged[-1].until:
            merged[-1] = Interval(merged[-1].since, max(merged[-1].until, interval.until))
        elif interval.since < interval.until:
            merged.append(interval)
    return merged


def difference(wanted: Iterable[Interval], done: Iterable[Interval]) -> list[Interval]:
    """Return the days that are wanted and not done."""
    left = union(wanted)
    for hole in union(done):
        left = [
            piece
            for interval in left
            for piece in (
                Interval(interval.since, min(interval.until, hole.since)),
                Interval(max(interval.since, hole.until), interval.until),
            )
            if piece.since < piece.until
        ]
    return left


def weeks(interval: Interval, rows_by_day: Mapping[date, int]) -> Iterator[tuple[Window, int]]:
    """Yield the windows of at most a week that have rows, each with how many."""
    days = sorted(day for day in rows_by_day if day in interval and rows_by_day[day])
    at = 0
    while at < len(days):
        since = interval.since + (days[at] - interval.since) // WEEK * WEEK
        # No day lies behind the last one that there is.
        until = since + WEEK if interval.until - since > WEEK else interval.until
        rows = 0
        while at < len(days) and days[at] in Interval(since, until):
            rows += rows_by_day[days[at]]
            at += 1
        yield Window(Interval(since, until)), rows


def runs(days: Iterable[date]) -> list[Interval]:
    """Return the intervals that days which follow each other make."""
    return union(
        Interval(day, day + DAY) if day < OPEN - DAY else Interval(OPEN - DAY) for day in days
    )
