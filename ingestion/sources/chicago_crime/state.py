"""What is known of a data set between two loads; kept as dlt's source state."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self

from ingestion.core.intervals import OPEN, Interval, union
from ingestion.sources.chicago_crime.portal.windows import DayInterval


@dataclass(frozen=True)
class Watermark:
    """The last row read in the order (:updated_at, :id); no id: every row of that moment."""

    at: str
    id: str | None = None


@dataclass(frozen=True)
class State:
    """How far a data set is loaded.

    Attributes:
        covered: days that were asked for, and are kept current.
        done: days that the backfill has filled.
        is_undated_done: whether the rows without a day are filled.
        watermark: where the next increment begins; None before the first load, and while
            the data set has never had a row.
        unexplained: by day, the counts (at the source, here) that a re-read did not reconcile.
    """

    covered: tuple[DayInterval, ...] = ()
    done: tuple[DayInterval, ...] = ()
    is_undated_done: bool = False
    watermark: Watermark | None = None
    unexplained: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def with_done(self, interval: DayInterval | None) -> Self:
        """Return the state after an interval, or (None) the rows without a day, were filled."""
        if interval is None:
            return replace(self, is_undated_done=True)
        return replace(self, done=tuple(union((*self.done, interval))))

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain values."""
        mark = self.watermark
        return {
            "covered": _days(self.covered),
            "done": _days(self.done),
            "undated_done": self.is_undated_done,
            "watermark": [mark.at, mark.id] if mark else None,
            "unexplained": {day: list(counts) for day, counts in self.unexplained.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> Self:
        """Return the state that `to_json` wrote; the first state for None."""
        if value is None:
            return cls()
        mark = value["watermark"]
        return cls(
            covered=_intervals(value["covered"]),
            done=_intervals(value["done"]),
            is_undated_done=value["undated_done"],
            watermark=Watermark(*mark) if mark else None,
            unexplained={day: (there, here) for day, (there, here) in value["unexplained"].items()},
        )


def _days(intervals: tuple[DayInterval, ...]) -> list[list[str | None]]:
    return [[str(i.since), None if i.is_open else str(i.until)] for i in intervals]


def _intervals(value: list[list[str | None]]) -> tuple[DayInterval, ...]:
    return tuple(
        Interval(date.fromisoformat(str(since)), date.fromisoformat(until) if until else OPEN)
        for since, until in value
    )
