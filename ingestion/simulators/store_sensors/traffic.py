"""What a door's sensor answers for an hour: a pure function of (seed, store, sensor, hour).

Visits = the door's share of the store * weekday * hour of the day * season * trend * the day's own
luck, with noise. Stores are open from Monday to Saturday, 08 to 18. Besides arithmetic only square
roots are taken of an hour: they round alike everywhere, so an hour alone and a year at once agree.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ingestion.simulators.store_sensors.hashing import (
    Floats,
    Ints,
    bell,
    bits,
    chance,
    key,
    uniform,
)
from ingestion.simulators.store_sensors.stores import Door, Store

FAILED, NOT_OPEN = -1, -2
FAILURE_RATE = 0.018
_FAILURE_RATE_AT_MOST = 0.6
_ANOMALY_RATE, _ANOMALY_PART = 0.005, 0.1
_NOISE, _DAYS_LUCK = 0.09, 0.07
_EVERY_NTH_IS_WEAK = 4
# A run of failures lies within a day of 24 clock hours and is 2 to 12 hours long, 7 on average.
_RUN_SHORTEST, _RUN_LENGTHS, _RUN_MEAN = 2, 11, 7

OPEN_HOURS = range(8, 18)
BY_WEEKDAY = (0.86, 0.82, 0.9, 1.0, 1.14, 1.28, 0.0)
_BY_MONTH = (0.88, 0.9, 0.97, 1.02, 1.04, 1.05, 1.08, 0.84, 0.98, 1.01, 1.08, 1.3)
_DAY_2024 = 19_723  # days from 1970 to the beginning of 2024
_DAYS_A_YEAR = 365.25
_THURSDAY = 3  # 1970-01-01 was one; Monday is 0


@dataclass(frozen=True)
class _Profile:
    """What is constant about a door: its keys, and its tables of factors."""

    of_hour: int
    of_failure: int
    of_run: int
    of_day: int
    rate: float
    wear: float
    by_weekday: Floats
    by_hour: Floats
    by_day: Floats


def readings(seed: int, store: Store, door: Door, hours: Ints) -> Ints:
    """Return what the sensor answers for each hour, finished.

    Args:
        seed: decides every value.
        store: where the door is.
        door: the door.
        hours: clock hours, see `clock_hours`; in any order.

    Returns:
        Visits, or -1 where the sensor failed, or -2 before it counted.
    """
    profile = _profile(seed, store, door.sensor_id)
    days, hour = np.divmod(hours, 24)
    mean = _expected(profile, store, days, hour)
    chances = bits(profile.of_failure, hours)
    odd = (chances & np.uint64(0xFFFFFFFF)).astype(np.float64) < _ANOMALY_RATE * 2.0**32
    mean = np.where(odd, mean * _ANOMALY_PART, mean)
    spread = np.sqrt(mean + (mean * _NOISE) ** 2)
    counted = np.rint(np.maximum(mean + spread * bell(bits(profile.of_hour, hours)), 0.0))
    answers = counted.astype(np.int64)
    rate = failure_rate(profile.wear, days - door.counts_from // 24)
    single = (chances >> np.uint64(32)).astype(np.float64) < rate * 0.5 * 2.0**32
    answers[single | _in_run(profile, days, hour, rate)] = FAILED
    answers[hours < door.counts_from] = NOT_OPEN
    return answers


def failure_rate(wear: float, age_days: Ints) -> Floats:
    """Return how often a sensor fails: slowly more for years, then quickly."""
    decades = np.maximum(age_days, 0) / (10 * _DAYS_A_YEAR)
    cubed = decades * decades * decades
    return np.minimum(FAILURE_RATE * (1.0 + wear * cubed * cubed), _FAILURE_RATE_AT_MOST)


def _expected(profile: _Profile, store: Store, days: Ints, hour: Ints) -> Floats:
    dates = days.astype("datetime64[D]")
    day_of_year = (dates - dates.astype("datetime64[Y]")).astype(np.int64)
    weekday = (days + _THURSDAY) % 7
    trend = np.maximum(1.0 + store.growth * ((days - _DAY_2024) / _DAYS_A_YEAR), 0.25)
    luck = np.maximum(1.0 + _DAYS_LUCK * bell(bits(profile.of_day, days)), 0.5)
    steady = profile.by_weekday[weekday] * profile.by_hour[hour] * profile.by_day[day_of_year]
    expected: Floats = profile.rate * steady * trend * luck
    return expected


def _in_run(profile: _Profile, days: Ints, hour: Ints, rate: Floats) -> NDArray[np.bool_]:
    """Return which hours lie in a run of failures; half of all failures do."""
    drawn = bits(profile.of_run, days)
    begins = uniform(drawn) < rate * (0.5 * 24 / _RUN_MEAN)
    length = _RUN_SHORTEST + ((drawn >> np.uint64(4)) % np.uint64(_RUN_LENGTHS)).astype(np.int64)
    room = (25 - length).astype(np.uint64)
    start = ((drawn & np.uint64(0x3FF)) % room).astype(np.int64)
    return begins & (hour >= start) & (hour < start + length)


@lru_cache(1024)
def _profile(seed: int, store: Store, sensor_id: int) -> _Profile:
    name = store.store_name
    door = (seed, name, sensor_id)
    # Shares of doors are log-normal: the busiest of a store has some five times the quietest.
    share = math.exp(0.5 * _normal("share", *door) - 0.125)
    weak = (sensor_id + key("weak", seed, name)) % _EVERY_NTH_IS_WEAK == 0
    luck = chance("wear", *door)
    weekdays = [
        part * (0.93 + 0.14 * chance("weekday", *door, i)) for i, part in enumerate(BY_WEEKDAY)
    ]
    return _Profile(
        of_hour=key("hour", *door),
        of_failure=key("failure", *door),
        of_run=key("run", *door),
        of_day=key("day", seed, name),
        rate=store.visits_an_hour * share,
        wear=2.5 + 1.5 * luck if weak else 0.05 + 0.2 * luck,
        by_weekday=np.array(weekdays),
        by_hour=_by_hour(door),
        by_day=_by_day(seed, name),
    )


def _by_hour(door: tuple[int, str, int]) -> Floats:
    """Return a door's own curve of a day: a peak at noon and another in the afternoon."""
    noon, late = 12 + chance("noon", *door), 15.5 + 1.5 * chance("late", *door)
    weight = 0.35 + 0.5 * chance("weight", *door)
    curve = np.zeros(24)
    for hour in OPEN_HOURS:
        first, second = (math.exp(-(((hour + 0.5 - at) / 1.9) ** 2)) for at in (noon, late))
        curve[hour] = 0.25 + weight * first + (1.2 - weight) * second
    normed: Floats = curve * (len(OPEN_HOURS) / curve.sum())
    return normed


def _by_day(seed: int, store_name: str) -> Floats:
    """Return the season of each day of the year, between the middles of the months."""
    months = [
        part * (0.95 + 0.1 * chance("month", seed, store_name, i))
        for i, part in enumerate(_BY_MONTH)
    ]
    middles = (np.arange(-1, 13) + 0.5) * (366 / 12)
    return np.interp(np.arange(366), middles, [months[-1], *months, months[0]])


def _normal(*parts: object) -> float:
    return float(bell(bits(key(*parts), np.zeros(1, np.int64)))[0])
