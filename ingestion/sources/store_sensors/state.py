"""What is known of the stores between two loads; kept as dlt's source state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Self

from ingestion.sources.store_sensors.hours import Span, text_of


@dataclass(frozen=True)
class StoreState:
    """How far a store is loaded.

    Attributes:
        doors: the hours covered, by sensor, without a gap.
        late: for sensors that came after the store's first load, the first hour that they had a
            reading of; None where they have had none.
    """

    doors: Mapping[int, Span] = field(default_factory=dict)
    late: Mapping[int, str | None] = field(default_factory=dict)

    @property
    def covered(self) -> Span | None:
        """The hours covered of any door."""
        hull: Span | None = None
        for span in self.doors.values():
            hull = span.hull(hull)
        return hull

    def before(self, end: datetime) -> Self:
        """Return the state as far as it is about hours before one."""
        doors = {
            sensor: Span(min(span.since, end), min(span.until, end))
            for sensor, span in self.doors.items()
        }
        return replace(self, doors=doors)

    def with_doors(self, sensors: Iterable[int]) -> Self:
        """Return the state once these sensors are known to exist."""
        new = [sensor for sensor in sensors if sensor not in self.doors]
        if not self.doors:
            return self
        return replace(self, late={**dict.fromkeys(new), **self.late})

    def with_read(self, sensors: Iterable[int], spans: Iterable[Span]) -> Self:
        """Return the state after these sensors' hours were read."""
        doors = dict(self.doors)
        for span in spans:
            for sensor in sensors:
                known = doors.get(sensor)
                if known is None or known.touches(span):
                    doors[sensor] = span.hull(known)
        return replace(self, doors=doors)


@dataclass(frozen=True)
class State:
    """How far the source is loaded.

    Attributes:
        since: the earliest day that was asked for; None before the first load.
        stores: by store.
    """

    since: date | None = None
    stores: Mapping[str, StoreState] = field(default_factory=dict)

    def of(self, store: str) -> StoreState:
        """Return what is known of a store."""
        return self.stores.get(store, StoreState())

    def with_store(self, name: str, store: StoreState) -> Self:
        """Return the state with another knowledge of a store."""
        return replace(self, stores={**self.stores, name: store})

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {
            "since": self.since.isoformat() if self.since else None,
            "stores": {
                name: {
                    "doors": {
                        str(sensor): [text_of(span.since), text_of(span.until)]
                        for sensor, span in store.doors.items()
                    },
                    "late": {str(sensor): first for sensor, first in store.late.items()},
                }
                for name, store in self.stores.items()
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> Self:
        """Return the state that `to_json` wrote; the first state for None."""
        if value is None:
            return cls()
        return cls(
            since=date.fromisoformat(value["since"]) if value["since"] else None,
            stores={
                name: StoreState(
                    doors={
                        int(sensor): Span(*(datetime.fromisoformat(text) for text in span))
                        for sensor, span in store["doors"].items()
                    },
                    late={int(sensor): first for sensor, first in store["late"].items()},
                )
                for name, store in value["stores"].items()
            },
        )
