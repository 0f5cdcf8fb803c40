"""The numbers behind a simulated year: when, what, where, and when it was reported and revised.

Everything is drawn from one generator seeded by (seed, year), in a fixed order. `…_form`
columns say how a value is written: 0 as it should be, other numbers one of the portal's faults,
at about its rate.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ingestion.simulators.chicago_crime.rows.calmer_district import DISTRICT, calm_a_district
from ingestion.simulators.chicago_crime.rows.codes import CODES
from ingestion.simulators.chicago_crime.rows.places import (
    DISTRICTS,
    EAST_WEST_STREETS,
    NORTH_SOUTH_STREETS,
    PREMISES,
    beat_offset,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Columns = dict[str, NDArray[np.generic]]

_DAY = 86_400
_HOURS = (
    178, 105, 89, 73, 54, 46, 56, 81, 119, 158, 148, 152,
    191, 154, 170, 179, 171, 168, 183, 193, 187, 178, 181, 145,
)  # fmt: skip
_WEEKDAYS = (0.98, 0.98, 1.0, 0.99, 1.04, 1.01, 0.98)
_HOLIDAYS = {(1, 1): 1.45, (7, 4): 1.1, (12, 24): 0.85, (12, 25): 0.65}
_ROUND_MINUTES = {0: 0.32, 30: 0.15, 45: 0.04, 15: 0.04, 20: 0.02, 50: 0.02, 40: 0.02, 10: 0.02}
# The last report and the last publication that the portal knows.
_LAST_REPORT = date(2026, 1, 1)
_LAST_PUBLISHED = date(2026, 1, 8)
_EPOCH = date(1970, 1, 1)
# State plane feet of Illinois East from degrees: a line is right to some fifty feet in the city.
_X_FEET = (274_612.958, 25_240_314.843)
_Y_FEET = (363_648.161, -13_330_042.292)
_MADISON_STREET_Y, _STATE_STREET_X, _NUMBERS_A_FOOT = 1_900_000, 1_176_300, 800 / 5_280
_FAULTS: Mapping[str, tuple[float, ...]] = {
    "case_form": (0.00007,),
    "block_form": (0.004,),
    "iucr_form": (0.001,),
    "type_form": (0.02,),
    "premise_form": (0.0025,),
    "beat_form": (0.001,),
    "district_form": (0.001, 0.00002, 0.00002),
    "ward_form": (0.001, 0.00003),
    "area_form": (0.0005, 0.00008, 0.00003),
    "place_form": (0.002, 0.00004),
}


def draw_year(year: int, rows: int, first_day: date, seed: int) -> Columns:
    """Return `rows` crimes from `first_day` to the end of the year, sorted by local time.

    Args:
        year: the calendar year, in Chicago.
        rows: how many.
        first_day: the first day that has any.
        seed: with the year, decides every value.

    Returns:
        Columns by name: times as datetime64[ms], the rest integers, floats and booleans;
        `direction` is 0 to 3 for N, S, W, E.
    """
    rng = np.random.default_rng([seed, year])
    seconds = _occurred(rng, rows, first_day, date(year, 12, 31))
    code = _choice(rng, rows, _code_weights(year))
    place = _places(rng, rows)
    _share_homicides(rng, code, seconds, place)
    calm_a_district(np.random.default_rng([seed, year, DISTRICT]), code, seconds, place)
    reported = _reported(rng, seconds)
    rank = np.empty(rows, np.int64)
    rank[np.argsort(reported, kind="stable")] = np.arange(rows)
    first_victim = _first_victims(code, seconds)
    columns: Columns = {
        "id": _ids(year, rank, code),
        "case_serial": (100_001 + rank * 7 // 5)[first_victim],
        "occurred_at": _times(seconds * 1000),
        "code": code.astype(np.int16),
        "premise": _choice(rng, rows, np.array([w for _, w in PREMISES], float)).astype(np.int16),
    }
    columns |= place | _outcomes(rng, year, code, place["district_index"])
    columns |= _stamps(rng, year, seconds, reported)
    columns |= {name: _form(rng, rows, rates) for name, rates in _FAULTS.items()}
    return columns


def _choice(rng: np.random.Generator, rows: int, weights: Floats) -> Integers:
    edges = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(edges, rng.random(rows)), len(weights) - 1)


def _form(rng: np.random.Generator, rows: int, rates: tuple[float, ...]) -> NDArray[np.generic]:
    drawn, form, edge = rng.random(rows), np.zeros(rows, np.int8), 0.0
    for number, rate in enumerate(rates, start=1):
        form[(drawn >= edge) & (drawn < edge + rate)] = number
        edge += rate
    return form


def _times(milliseconds: Integers) -> NDArray[np.generic]:
    return milliseconds.astype("datetime64[ms]")


def _days(day: date) -> int:
    return (day - _EPOCH).days


def _occurred(rng: np.random.Generator, rows: int, first: date, last: date) -> Integers:
    """Return sorted local times, in seconds since 1970."""
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    season = [1 - 0.13 * np.cos(2 * np.pi * (d.timetuple().tm_yday - 20) / 365) for d in days]
    weights = np.array(
        [
            s
            * _WEEKDAYS[d.weekday()]
            * _HOLIDAYS.get((d.month, d.day), 1.12 if d.day == 1 else 1.0)
            for s, d in zip(season, days, strict=True)
        ]
    )
    day = np.repeat(
        _days(first) + np.arange(len(days)), rng.multinomial(rows, weights / weights.sum())
    )
    hour = _choice(rng, rows, np.array(_HOURS, float))
    minutes = np.full(60, (1 - sum(_ROUND_MINUTES.values())) / 60)
    for round_minute, share in _ROUND_MINUTES.items():
        minutes[round_minute] += share
    minute = _choice(rng, rows, minutes)
    lost = np.flatnonzero((day == _days(_spring_forward(first.year))) & (hour == 2))  # noqa: PLR2004
    hour[lost] = 3
    # Some are written in the hour that does not exist.
    hour[lost[:3]], minute[lost[:3]] = 2, 30
    times: Integers = day * _DAY + hour * 3600 + minute * 60
    return np.sort(times)


def _spring_forward(year: int) -> date:
    """Return the day on which summer time begins: second Sunday in March (until 2006, April)."""
    month, first = (3, 8) if year >= 2007 else (4, 1)  # noqa: PLR2004
    day = date(year, month, first)
    return day + timedelta(days=6 - day.weekday())


def _code_weights(year: int) -> Floats:
    """Return the codes' weights; narcotics were four times as frequent twenty years ago."""
    narcotics = 1 + 0.15 * (2025 - year)
    return np.array(
        [c.weight * (narcotics if c.primary_type == "NARCOTICS" else 1.0) for c in CODES]
    )


_HOMICIDE = np.array([c.iucr == "0110" for c in CODES])


def _places(rng: np.random.Generator, rows: int) -> Columns:
    index = _choice(rng, rows, np.array([d.weight for d in DISTRICTS]))
    beats = np.array([len(d.beats) for d in DISTRICTS])[index]
    beat_index = (beats * rng.random(rows) ** 1.2).astype(np.int64)
    north_of_middle, east_of_middle = beat_offset(beat_index, beats)
    middle = np.array([(d.latitude, d.longitude) for d in DISTRICTS])[index]
    latitude = (middle[:, 0] + north_of_middle + rng.normal(0, 0.003, rows)).round(3)  # a block
    longitude = (middle[:, 1] + east_of_middle + rng.normal(0, 0.004, rows)).round(3)
    x = np.rint(_X_FEET[0] * longitude + _X_FEET[1]).astype(np.int64)
    y = np.rint(_Y_FEET[0] * latitude + _Y_FEET[1]).astype(np.int64)
    along = rng.random(rows) < 0.5  # noqa: PLR2004
    north, west = y >= _MADISON_STREET_Y, x < _STATE_STREET_X
    feet = np.where(along, abs(y - _MADISON_STREET_Y), abs(x - _STATE_STREET_X))
    street = np.where(
        along,
        rng.integers(0, len(NORTH_SOUTH_STREETS), rows),
        len(NORTH_SOUTH_STREETS) + rng.integers(0, len(EAST_WEST_STREETS), rows),
    )
    return {
        "district_index": index,
        "district": np.array([d.number for d in DISTRICTS])[index],
        "beat": _member(index, beat_index, [d.beats for d in DISTRICTS]),
        "ward": _near(rng, index, beat_index, beats, [d.wards for d in DISTRICTS]),
        "area": _near(rng, index, beat_index, beats, [d.community_areas for d in DISTRICTS]),
        "latitude": latitude,
        "longitude": longitude,
        "x": x,
        "y": y,
        "hundred": (feet * _NUMBERS_A_FOOT / 100).astype(np.int64),
        "direction": np.where(along, np.where(north, 0, 1), np.where(west, 2, 3)),
        "street": street.astype(np.int16),
    }


def _member(index: Integers, position: Integers, lists: list[tuple[int, ...]]) -> Integers:
    """Return `lists[index][position]`, row for row."""
    table = np.zeros((len(lists), max(map(len, lists))), np.int64)
    for row, values in enumerate(lists):
        table[row, : len(values)] = values
    found: Integers = table[index, position]
    return found


def _near(
    rng: np.random.Generator,
    index: Integers,
    beat_index: Integers,
    beats: Integers,
    lists: list[tuple[int, ...]],
) -> Integers:
    """Return the ward or area of a beat; one in seven lies in another of the district's."""
    counts = np.array([len(values) for values in lists])[index]
    own = beat_index * counts // beats
    other = (counts * rng.random(len(index))).astype(np.int64)
    return _member(index, np.where(rng.random(len(index)) < 1 / 7, other, own), lists)


def _share_homicides(
    rng: np.random.Generator, code: Integers, seconds: Integers, place: Columns
) -> None:
    """Give one homicide in fourteen the place and time of the previous one: a second victim."""
    homicides = np.flatnonzero(_HOMICIDE[code])
    again = 1 + np.flatnonzero(rng.random(max(0, len(homicides) - 1)) < 1 / 14)
    # The victim stands right after the first one, so that rows stay sorted by time.
    victims = homicides[again - 1] + 1
    victims = victims[victims < len(code)]
    code[victims] = code[victims - 1]
    seconds[victims] = seconds[victims - 1]
    for values in place.values():
        values[victims] = values[victims - 1]


def _first_victims(code: Integers, seconds: Integers) -> Integers:
    """Return for each row the row whose case number it bears."""
    own = np.arange(len(code))
    same = _HOMICIDE[code[1:]] & _HOMICIDE[code[:-1]] & (seconds[1:] == seconds[:-1])
    own[1:][same] -= 1
    return own


def _reported(rng: np.random.Generator, seconds: Integers) -> Integers:
    """Return when the crimes were reported: mostly within hours, sometimes months later."""
    scales = np.array([3 * 3600, 3 * _DAY, 30 * _DAY, 200 * _DAY], float)
    scale = scales[_choice(rng, len(seconds), np.array([0.75, 0.15, 0.08, 0.02]))]
    lag = rng.exponential(scale).astype(np.int64)
    latest = np.maximum(seconds, _days(_LAST_REPORT) * _DAY)
    reported: Integers = np.minimum(seconds + lag, latest)
    return reported


def _ids(year: int, rank: Integers, code: Integers) -> Integers:
    """Return ids that rise with the time of report; homicides have a short series of their own."""
    ids: Integers = 14_080_000 - (2026 - year) * 390_000 + rank * 3 // 2
    homicides = np.flatnonzero(_HOMICIDE[code])
    ids[homicides] = 1_000 + (year - 2000) * 1_000 + np.arange(len(homicides))
    return ids


def _outcomes(
    rng: np.random.Generator, year: int, code: Integers, district: NDArray[np.generic]
) -> Columns:
    """Return arrests by code, district and year, and what was domestic."""
    share = np.array([c.arrest_share for c in CODES])
    factor = np.array([d.arrest_factor for d in DISTRICTS]) * (1 + 0.02 * min(20, 2025 - year))
    # A narcotics case without an arrest hardly becomes a case, wherever it is.
    likely = np.where(share[:, None] > 0.85, share[:, None], 1 - (1 - share[:, None]) ** factor)  # noqa: PLR2004
    domestic = np.array([c.domestic_share for c in CODES])
    return {
        "arrest": rng.random(len(code)) < likely[code, district.astype(np.int64)],
        "domestic": rng.random(len(code)) < domestic[code],
    }


def _stamps(rng: np.random.Generator, year: int, seconds: Integers, reported: Integers) -> Columns:
    """Return when the portal published a row and last changed it; a batch shares its stamp.

    A row appears a week after the crime; a share is revised later; and some years' rows were all
    stamped again in one go.
    """
    rows = len(seconds)
    created = np.maximum(seconds // _DAY + 8, reported // _DAY + 1)
    revised = created + 1 + rng.exponential(60, rows).astype(np.int64)
    is_revised = (rng.random(rows) < 0.22) & (revised <= _days(_LAST_PUBLISHED))  # noqa: PLR2004
    updated = np.where(is_revised, revised, created)
    mass_day = _days(date(year + 1, 5, 17))
    if mass_day > _days(_LAST_PUBLISHED):
        mass_day = _days(date(year, 11, 15))
    stamped = (updated < mass_day) & (rng.random(rows) < 0.15 + 0.35 * (year < 2025))  # noqa: PLR2004
    updated = np.where(stamped, mass_day, updated)
    return {
        "created_at": _times(_batch(created)),
        "updated_at": _times(_batch(updated) + 7_000 + updated * 31 % 3_000),
        # Local time of the afternoon before.
        "updated_on": _times(((updated - 1) * _DAY + 15 * 3600 + 2400 + updated * 7 % 60) * 1000),
    }


def _batch(day: Integers) -> Integers:
    """Return the moment of a day's publication in milliseconds: 11:02 UTC and some."""
    return (day * _DAY + 11 * 3600 + 120) * 1000 + day * 7_919 % 50_000
