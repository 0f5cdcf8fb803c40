"""What a store's doors counted in each day, as the service itself adds it up, as CSV."""

import re
from collections.abc import Sequence

import numpy as np

from ingestion.simulators.store_sensors import clock_hours
from ingestion.simulators.store_sensors.chain import Overrides
from ingestion.simulators.store_sensors.hashing import Ints
from ingestion.simulators.store_sensors.stores import Store
from ingestion.simulators.store_sensors.traffic import FAILED, NOT_OPEN, readings

COLUMNS = ("store_name", "date", "readings", "valid", "failed", "visits", "checksum")
_HOURS = 24
_NUMBER = re.compile(r"-?[0-9]{1,18}\Z")


def days_of(seed: int, store: Store, overrides: Sequence[Overrides], first: int, end: int) -> bytes:
    """Return a line for each day that has an hour in [first, end).

    Of each day: the answers of its doors but those from before they counted (-2), how many of them
    are counts and failures, the visits, and the sum of (visits + 2) * (24 * sensor_id + hour + 1)
    over all that are whole numbers, which distinguishes what sums alone do not.

    Args:
        seed: decides every value.
        store: the store.
        overrides: for each door what is answered in place of a reading, by hour.
        first: the first clock hour.
        end: the clock hour after the last one; all before it must be finished.
    """
    hours = clock_hours.existing(store.time_zone, first, end)
    days, of_day = np.unique(hours // _HOURS, return_inverse=True)
    sums = np.zeros((len(COLUMNS) - 2, len(days)), np.int64)
    for door, overridden in zip(store.doors, overrides, strict=True):
        answers = readings(seed, store, door, hours) if len(hours) else hours
        is_answered, is_number = np.ones((2, len(hours)), bool)
        for place in np.flatnonzero(np.isin(hours, [*overridden])):
            number = _number(overridden[int(hours[place])])
            is_answered[place] = overridden[int(hours[place])] is not None
            is_number[place] = number is not None
            answers[place] = NOT_OPEN if number is None else number
        weights = _HOURS * door.sensor_id + hours % _HOURS + 1
        is_valid = is_number & (answers >= 0)
        parts: list[Ints] = [
            (is_answered & ((answers != NOT_OPEN) | ~is_number)).astype(np.int64),
            is_valid.astype(np.int64),
            (is_number & (answers == FAILED)).astype(np.int64),
            np.where(is_valid, answers, 0),
            np.where(is_number, (answers - NOT_OPEN) * weights, 0),
        ]
        for part, total in zip(parts, sums, strict=True):
            np.add.at(total, of_day, part)
    lines = [",".join(COLUMNS)]
    name = store.store_name
    quoted = f'"{name.replace(chr(34), 2 * chr(34))}"' if set(name) & set(',"\n') else name
    for n, day in enumerate(days.tolist()):
        date = clock_hours.hour_of(day * _HOURS).date()
        lines.append(",".join([quoted, str(date), *map(str, sums[:, n].tolist())]))
    return ("\n".join(lines) + "\n").encode()


def _number(answer: object) -> int | None:
    text = answer if isinstance(answer, str) else str(answer)
    return int(text) if _NUMBER.match(text) and not isinstance(answer, bool) else None
