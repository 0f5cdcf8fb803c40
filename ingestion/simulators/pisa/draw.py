"""Submissions: each cell a pure function of (seed, country, id), so that chunks do not matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ingestion.simulators.pisa.columns import BANK_ROWS, MISSING, READ
from ingestion.simulators.pisa.profiles import Profile, profile_of
from ingestion.simulators.store_sensors.hashing import Floats, Ints, bell, bits, key, uniform

Texts = NDArray[np.object_]
MINUTES_AN_HOUR, STEP_OF_MINUTES = 60, 5
MALFORMED = ("x", "3,5", "-7", "1e9", "", "n/a")
SHARE_MALFORMED = 0.0005
# By column: the sentinel for "no answer", how often it stands there, and how often the cell is NA.
GAPS = {
    "durecec": ("99", 0.02, 0.05),
    "belong": ("99", 0.01, 0.04),
    "escs": ("99", 0.002, 0.02),
    "tmins": ("99999999", 0.02, 0.08),
    "w_fstuwt": (MISSING, 0.0, 0.001),
}
SHARE_LOWER, SHARE_ELSEWHERE, SHARE_POINT_ZERO = 0.01, 0.0003, 0.03
# How far the day sways the stream of submissions, below 1.
SWAY = 0.7


@dataclass(frozen=True)
class Submissions:
    """Rows: ids, the cells of `READ` and which row of the bank has the other answers."""

    ids: list[int]
    cells: list[tuple[str, ...]]
    bank: list[int]


def draw(seed: int, country: str, ids: Sequence[int]) -> Submissions:
    """Return the submissions of these ids."""
    places = np.asarray(ids, dtype=np.int64)
    profile = profile_of(country)
    columns = {"cnt": _countries(seed, country, places)}
    for name, texts in _answers(seed, country, places, profile).items():
        columns[name] = _with_gaps(texts, _chances(seed, country, f"{name} gap", places), name)
    rows = bits(key(seed, country, "bank"), places) % np.uint64(BANK_ROWS)
    cells = [*zip(*(columns[name].tolist() for name in READ), strict=True)]
    return Submissions([int(id_) for id_ in ids], cells, rows.astype(int).tolist())


def moments(count: int, now: datetime, days: float) -> list[datetime]:
    """Return moments of the last days in order, the last one now, more by day than by night."""
    at = (np.arange(count, dtype=np.float64) + 1) / max(count, 1)
    turns = 2 * np.pi * max(round(days), 1)
    at = at + SWAY * np.sin(turns * at) / turns
    span = timedelta(days=days)
    return [now - span * (1 - share) for share in at.tolist()]


def _answers(seed: int, country: str, places: Ints, profile: Profile) -> dict[str, Texts]:
    def normal(column: str) -> Floats:
        return bell(bits(key(seed, country, column), places))

    years = np.clip(np.round(profile.early_years + 1.2 * normal("durecec")), 0, 8).astype(int)
    # A year more of early education goes with a little more belonging.
    belonging = profile.belonging + 0.04 * (years - profile.early_years) + 0.95 * normal("belong")
    minutes = profile.hours * MINUTES_AN_HOUR + 330 * normal("tmins")
    minutes = np.clip(np.round(minutes / STEP_OF_MINUTES) * STEP_OF_MINUTES, 0, 6000).astype(int)
    has_point = _chances(seed, country, "point", places) < SHARE_POINT_ZERO
    texts = years.astype(str).astype(object)
    return {
        "durecec": np.where(has_point, texts + ".0", texts),
        "belong": _decimals(belonging, 4),
        "escs": _decimals(profile.escs + 0.9 * normal("escs"), 4),
        "tmins": minutes.astype(str).astype(object),
        "w_fstuwt": _decimals(np.exp(2.5 + 0.6 * normal("w_fstuwt")), 5),
    }


def _decimals(numbers: Floats, places: int) -> Texts:
    return np.array([f"{number:.{places}f}" for number in numbers.tolist()], dtype=object)


def _with_gaps(texts: Texts, chances: Floats, column: str) -> Texts:
    sentinel, often, missing = GAPS[column]
    odd = np.array(MALFORMED, dtype=object)[(chances * 1e9).astype(np.int64) % len(MALFORMED)]
    texts = np.where(chances < SHARE_MALFORMED + often + missing, MISSING, texts)
    texts = np.where(chances < SHARE_MALFORMED + often, sentinel, texts)
    return np.where(chances < SHARE_MALFORMED, odd, texts)


def _countries(seed: int, country: str, places: Ints) -> Texts:
    """Return the country's code; now and then in lower case, seldom somebody else's."""
    chances = _chances(seed, country, "cnt", places)
    texts = np.full(len(places), country, dtype=object)
    texts[chances < SHARE_LOWER] = country.lower()
    texts[chances < SHARE_ELSEWHERE] = "ZZZ"
    return texts


def _chances(seed: int, country: str, what: str, places: Ints) -> Floats:
    return uniform(bits(key(seed, country, what), places))
