"""Numbers of footfall and education worked out by hand from what came in, not from the marts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb
import numpy as np

from ingestion.simulators.store_sensors import clock_hours
from ingestion.simulators.store_sensors.stores import STORES
from ingestion.simulators.store_sensors.traffic import readings

SEED = 42
EPOCH = date(1970, 1, 1)
NO_ANSWER = ("", "NA")
MAX_WEIGHT = 1_000_000


@dataclass(frozen=True)
class Reading:
    """What a door's sensor answered for a clock hour; -1: it failed."""

    sensor_id: int
    day: date
    hour: int
    visits: int


def store_readings(store_name: str, first: date, last: date) -> Iterator[Reading]:
    """Yield the readings of a store's doors on these days, as the simulator makes them."""
    store = next(one for one in STORES if one.store_name == store_name)
    begin, end = ((day - EPOCH).days * 24 for day in (first, last + timedelta(days=1)))
    hours = clock_hours.existing(store.time_zone, begin, end)
    for door in store.doors:
        answers = readings(SEED, store, door, hours)
        for number, visits in zip(hours.tolist(), np.asarray(answers).tolist(), strict=True):
            at = clock_hours.hour_of(number)
            yield Reading(door.sensor_id, at.date(), at.hour, visits)


def by_day(found: Iterable[Reading]) -> dict[date, list[Reading]]:
    """Readings by their day."""
    days: dict[date, list[Reading]] = defaultdict(list)
    for one in found:
        days[one.day].append(one)
    return days


def visits_of(found: Iterable[Reading]) -> int | None:
    """The sum of the valid readings; None where there is none."""
    valid = [one.visits for one in found if one.visits >= 0]
    return sum(valid) if valid else None


@dataclass(frozen=True)
class Answer:
    """A submission that can be read; None: no answer."""

    country: str
    years: Decimal | None
    belonging: Decimal | None
    escs: Decimal | None
    minutes: Decimal | None
    weight: Decimal | None
    hour: datetime


class UnfitError(ValueError):
    """A cell cannot be read."""


def responses(raw: Path) -> list[dict[str, str | None]]:
    """The rows of the countries' databases as received."""
    with duckdb.connect(raw, read_only=True) as connection:
        found = connection.execute(
            "select database_country, created_at, upper(cnt) as cnt, durecec, belong, escs, tmins,"
            " w_fstuwt from raw_pisa.responses"
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def answers(rows: Iterable[dict[str, str | None]]) -> Iterator[Answer]:
    """Yield the rows that can be read."""
    for row in rows:
        if row["cnt"] != row["database_country"]:
            continue
        try:
            weight = _number(row["w_fstuwt"])
            if weight is not None and not 0 < weight <= MAX_WEIGHT:
                continue
            yield Answer(
                country=str(row["cnt"]),
                years=_within(row["durecec"], 0, 8, no_answer=range(95, 100), whole=True),
                belonging=_within(row["belong"], -20, 20, no_answer=range(95, 100)),
                escs=_within(row["escs"], -20, 20, no_answer=range(95, 100)),
                minutes=_within(
                    row["tmins"], 0, 10080, no_answer=range(99_999_995, 100_000_000), whole=True
                ),
                weight=weight,
                hour=datetime.fromisoformat(str(row["created_at"])).replace(
                    minute=0, second=0, microsecond=0
                ),
            )
        except UnfitError:
            continue


def mean(values: Iterable[Decimal | None]) -> Decimal:
    """The mean of those that are there."""
    there = [value for value in values if value is not None]
    return sum(there, Decimal(0)) / len(there)


def weighted_mean(pairs: Iterable[tuple[Decimal | None, Decimal | None]]) -> Decimal:
    """The mean of values by their weights, where both are there."""
    there = [(value, weight) for value, weight in pairs if value is not None and weight is not None]
    total = sum((value * weight for value, weight in there), Decimal(0))
    return total / sum((weight for _, weight in there), Decimal(0))


def _number(text: str | None) -> Decimal | None:
    stripped = (text or "").strip()
    if stripped.upper() in NO_ANSWER:
        return None
    try:
        return Decimal(stripped)
    except InvalidOperation:
        raise UnfitError(stripped) from None


def _within(
    text: str | None, low: int, high: int, *, no_answer: range, whole: bool = False
) -> Decimal | None:
    number = _number(text)
    if number is None:
        return None
    is_whole = number == number.to_integral_value()
    if is_whole and int(number) in no_answer:
        return None
    if not low <= number <= high or (whole and not is_whole):
        raise UnfitError(str(text))
    return number
