"""Intervals of days, and the weekly windows that they are filled by."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ingestion.core.intervals import DAY, OPEN, Interval, union

WEEK = timedelta(days=7)
DayInterval = Interval[date]


@dataclass(frozen=True)
class Window:
    """What one keyset of pages fills: some days, or (None) the rows without a day."""

    days: DayInterval | None

    def where(self, column: str) -> str:
        """Return the window as a condition on a column, in SoQL and in SQL on text alike."""
        if self.days is None:
            return f"{column} is null"
        parts = [f"{column} >= '{self.days.since}T00:00:00.000'"]
        if not self.days.is_open:
            parts.append(f"{column} < '{self.days.until}T00:00:00.000'")
        return " and ".join(parts)


def weeks(interval: DayInterval, rows_by_day: Mapping[date, int]) -> Iterator[Window]:
    """Yield the windows of at most a week that have rows."""
    days = sorted(day for day in rows_by_day if day in interval and rows_by_day[day])
    at = 0
    while at < len(days):
        since = interval.since + (days[at] - interval.since) // WEEK * WEEK
        # There is no day after the last one.
        until = since + WEEK if interval.until - since > WEEK else interval.until
        window = Interval(since, until)
        while at < len(days) and days[at] in window:
            at += 1
        yield Window(window)


def runs(days: Iterable[date]) -> list[DayInterval]:
    """Return the intervals that consecutive days make."""
    # The last day that there is has none after it.
    firsts = [min(day, OPEN - DAY) for day in days]
    return union(Interval(day, day + DAY) for day in firsts)
