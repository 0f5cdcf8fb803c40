"""The chain as it is served: its stores, the clock, and what the control routes overrode."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from ingestion.simulators.store_sensors import clock_hours
from ingestion.simulators.store_sensors.stores import STORES, Door, Store
from ingestion.simulators.store_sensors.traffic import (
    BY_WEEKDAY,
    NOT_OPEN,
    OPEN_HOURS,
    readings,
)

Clock = Callable[[], datetime]
Overrides = Mapping[int, Any]

# Single hours are answered from blocks of hours, each worked out at once.
_BLOCK_BITS = 9
_BLOCKS_KEPT = 8192


class NotFoundError(LookupError):
    """There is no such store or sensor, or the hour has not begun."""


class SkippedHourError(ValueError):
    """The clocks of the store leave this hour out."""


class Chain:
    """Stores, clock and overrides. Used from one thread, that of the event loop."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.seed = seed
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Be as at the start: the five stores, the real clock, nothing overridden."""
        self.stores: dict[str, Store] = {store.store_name: store for store in STORES}
        self._fixed: datetime | None = None
        self._overrides: dict[tuple[str, int], dict[int, Any]] = {}
        self._opening_hours: list[dict[str, Any]] | None = None
        self._blocks: dict[tuple[str, int, int], list[int]] = {}

    def now(self) -> datetime:
        """Return the time it is for the service, with zone."""
        return self._fixed or self._clock()

    def set_clock(self, now: datetime | None) -> None:
        """Stop the clock at a time, or let it run again."""
        self._fixed = now

    def override(self, store_name: str, sensor_id: int, hour: int, visits: object) -> None:
        """Answer this in place of a reading.

        Raises:
            NotFoundError: there is no such store or sensor.
        """
        self.door(self.store(store_name), sensor_id)
        self._overrides.setdefault((store_name, sensor_id), {})[hour] = visits

    def overridden(self, store_name: str, sensor_id: int) -> Overrides:
        """Return what is answered in place of a door's readings, by hour."""
        return dict(self._overrides.get((store_name, sensor_id), {}))

    def set_opening_hours(self, entries: list[dict[str, Any]]) -> None:
        """Answer these opening hours in place of those of the stores."""
        self._opening_hours = entries

    def opening_hours(self) -> list[dict[str, Any]]:
        """Return each store's hours of each weekday, as they are answered."""
        if self._opening_hours is not None:
            return self._opening_hours
        opens, closes = (f"{hour:02}:00" for hour in (OPEN_HOURS.start, OPEN_HOURS.stop))
        return [
            {
                "store_name": name,
                "iso_weekday": weekday,
                "opens_at": opens if is_open else None,
                "closes_at": closes if is_open else None,
            }
            for name in self.stores
            for weekday, is_open in enumerate(map(bool, BY_WEEKDAY), start=1)
        ]

    def put(self, store: Store) -> None:
        """Add a store, or one with more doors in the place of the one it was."""
        self.stores[store.store_name] = store

    def store(self, store_name: str) -> Store:
        """Return a store.

        Raises:
            NotFoundError: there is none of this name.
        """
        if store_name not in self.stores:
            message = f"no store named {store_name!r}"
            raise NotFoundError(message)
        return self.stores[store_name]

    def door(self, store: Store, sensor_id: int) -> Door:
        """Return a store's door.

        Raises:
            NotFoundError: it has none of this number.
        """
        if not 0 <= sensor_id < len(store.doors):
            message = f"{store.store_name} has no sensor {sensor_id}"
            raise NotFoundError(message)
        return store.doors[sensor_id]

    def reading(self, store_name: str, sensor_id: int | None, hour: int) -> Any:
        """Return what `GET /` answers for a clock hour: a door's reading, or the store's sum.

        Of the hour that is running: the part counted so far.

        Raises:
            NotFoundError: no such store or sensor, or the hour has not begun.
            SkippedHourError: the store's clocks leave this hour out.
        """
        store = self.store(store_name)
        doors = store.doors if sensor_id is None else (self.door(store, sensor_id),)
        now = self.now()
        running = clock_hours.current(store.time_zone, now)
        if hour > running:
            message = f"{clock_hours.hour_of(hour):%Y-%m-%dT%H}:00 has not begun in {store_name}"
            raise NotFoundError(message)
        if clock_hours.skipped(store.time_zone, hour):
            begins = clock_hours.hour_of(hour)
            message = f"{begins:%Y-%m-%dT%H}:00 does not exist in {store.time_zone}"
            raise SkippedHourError(message)
        part = clock_hours.elapsed_part(store.time_zone, hour, now) if hour == running else 1.0
        answers = [self._answer(store, door, hour, part) for door in doors]
        return answers[0] if sensor_id is not None else _sum(answers)

    def _answer(self, store: Store, door: Door, hour: int, part: float) -> Any:
        if self._overrides:
            overridden = self._overrides.get((store.store_name, door.sensor_id), {})
            if hour in overridden:
                return overridden[hour]
        visits = self._finished(store, door, hour)
        return int(visits * part) if visits > 0 else visits

    def _finished(self, store: Store, door: Door, hour: int) -> int:
        block = hour >> _BLOCK_BITS
        place = (store.store_name, door.sensor_id, block)
        if place not in self._blocks:
            if len(self._blocks) >= _BLOCKS_KEPT:
                self._blocks.clear()
            first = block << _BLOCK_BITS
            hours = np.arange(first, first + (1 << _BLOCK_BITS), dtype=np.int64)
            self._blocks[place] = readings(self.seed, store, door, hours).tolist()
        return self._blocks[place][hour - (block << _BLOCK_BITS)]


def _sum(answers: list[Any]) -> int:
    """Return a store's visits: what failed or is not a count is 0; -2 where no door counted yet."""
    if all(answer == NOT_OPEN for answer in answers):
        return NOT_OPEN
    return sum(one for one in answers if type(one) is int and one > 0)
