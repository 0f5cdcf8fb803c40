"""The hours that a store's clock shows, as numbers: hours since 1970-01-01T00:00 of local time.

An hour that spring skips has a number and does not exist; the hour that autumn shows twice is one.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from ingestion.simulators.store_sensors.hashing import Ints

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_YEARS_KEPT = 512
_FIRST_YEAR_OF_SHIFTS = 1900
_WIDTH = 19


def number_of(moment: datetime) -> int:
    """Return the number of the clock hour that a local time lies in; its zone is not looked at."""
    return (moment.toordinal() - _EPOCH_DAY) * 24 + moment.hour


def hour_of(number: int) -> datetime:
    """Return the local time at which a clock hour begins, without zone."""
    day, hour = divmod(number, 24)
    return datetime.fromordinal(day + _EPOCH_DAY).replace(hour=hour)


def current(time_zone: str, now: datetime) -> int:
    """Return the number of the clock hour that is running; later numbers have not begun."""
    return number_of(now.astimezone(ZoneInfo(time_zone)))


def skipped(time_zone: str, number: int) -> bool:
    """Return whether the clocks leave this hour out."""
    return number in _skipped_in(time_zone, hour_of(number).year)


def existing(time_zone: str, first: int, end: int) -> Ints:
    """Return the numbers of the hours in [first, end) that the clocks show, in order."""
    hours = np.arange(first, end, dtype=np.int64)
    if not len(hours):
        return hours
    years = range(hour_of(first).year, hour_of(end - 1).year + 1)
    out = [number for year in years for number in _skipped_in(time_zone, year)]
    return hours[~np.isin(hours, out)] if out else hours


def elapsed_part(time_zone: str, number: int, now: datetime) -> float:
    """Return how much of a clock hour is over, between 0 and 1."""
    zone = ZoneInfo(time_zone)
    begins = _instant(hour_of(number), zone)
    # Where the hour comes twice it lasts until the second one ends.
    ends = _instant(hour_of(number), zone, fold=1) + timedelta(hours=1)
    return min(1.0, max(0.0, (now - begins) / (ends - begins)))


def stamps(hours: Ints) -> pa.Array:
    """Return the texts of clock hours: `2025-10-26T02:00:00`."""
    days, hour = np.divmod(hours, 24)
    first = int(days.min()) if len(days) else 0
    last = int(days.max()) if len(days) else -1
    texts = [date.fromordinal(_EPOCH_DAY + day).isoformat() for day in range(first, last + 1)]
    letters = np.empty((len(hours), _WIDTH), np.uint8)
    letters[:] = np.frombuffer(b"0000-00-00T00:00:00", np.uint8)
    calendar = np.frombuffer("".join(texts).encode(), np.uint8).reshape(-1, 10)
    letters[:, :10] = calendar[days - first]
    letters[:, 11] += (hour // 10).astype(np.uint8)
    letters[:, 12] += (hour % 10).astype(np.uint8)
    offsets = np.arange(len(hours) + 1, dtype=np.int32) * np.int32(_WIDTH)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.string(), len(hours), buffers)


@lru_cache(_YEARS_KEPT)
def _skipped_in(time_zone: str, year: int) -> frozenset[int]:
    found: set[int] = set()
    if year < _FIRST_YEAR_OF_SHIFTS:
        return frozenset(found)
    zone = ZoneInfo(time_zone)
    first = number_of(datetime(year, 1, 1))
    for day in range(first, number_of(datetime(year, 12, 31)) + 24, 24):
        noon, before = (hour_of(day + shift).replace(tzinfo=zone) for shift in (12, -12))
        if noon.utcoffset() == before.utcoffset():
            continue
        found |= {
            number for number in range(day - 12, day + 12) if not _shown(hour_of(number), zone)
        }
    return frozenset(found)


def _shown(hour: datetime, zone: ZoneInfo) -> bool:
    there_and_back = hour.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there_and_back.replace(tzinfo=None) == hour


def _instant(hour: datetime, zone: ZoneInfo, fold: int = 0) -> datetime:
    return hour.replace(tzinfo=zone, fold=fold).astimezone(UTC)
