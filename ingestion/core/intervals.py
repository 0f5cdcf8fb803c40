"""Half-open intervals of days or of local hours, and the days that a command asks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, Self, TypeVar

T = TypeVar("T", date, datetime)

OPEN = date.max
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Interval(Generic[T]):
    """From `since` up to but without `until`; an interval of days until `OPEN` has no end."""

    since: T
    until: T

    @property
    def is_open(self) -> bool:
        """Whether it has no end."""
        return self.until == OPEN

    def __contains__(self, moment: T) -> bool:
        return self.since <= moment and (moment < self.until or self.is_open)

    def __bool__(self) -> bool:
        return self.since < self.until

    def hull(self, other: Self | None) -> Self:
        """Return the smallest interval that contains both."""
        if other is None:
            return self
        return type(self)(min(self.since, other.since), max(self.until, other.until))

    def touches(self, other: Self) -> bool:
        """Return whether nothing lies between the two."""
        return self.since <= other.until and other.since <= self.until


I = TypeVar("I", bound=Interval)  # type: ignore[type-arg]  # noqa: E741


def union(intervals: Iterable[I], gap: timedelta = timedelta(0)) -> list[I]:
    """Return the same times as the fewest intervals, in order; gaps up to `gap` are filled."""
    merged: list[I] = []
    for interval in sorted(interval for interval in intervals if interval):
        if merged and interval.since <= merged[-1].until + gap:
            merged[-1] = merged[-1].hull(interval)
        else:
            merged.append(interval)
    return merged


def difference(wanted: Iterable[I], done: Iterable[I]) -> list[I]:
    """Return what is wanted and not done."""
    left = union(wanted)
    for hole in union(done):
        left = [
            piece
            for interval in left
            for piece in (
                type(interval)(interval.since, min(interval.until, hole.since)),
                type(interval)(max(interval.since, hole.until), interval.until),
            )
            if piece
        ]
    return left


@dataclass(frozen=True)
class Days:
    """The days that a command asks for, without `until`; open where None."""

    since: date | None = None
    until: date | None = None

    @property
    def is_all(self) -> bool:
        """Whether no day is left out."""
        return self.since is None and self.until is None

    def __contains__(self, day: date) -> bool:
        return (self.since or date.min) <= day and (self.until is None or day < self.until)
