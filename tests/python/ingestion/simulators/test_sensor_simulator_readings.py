"""The sensors' readings: always the same, right where the clocks change, like real ones."""

import io
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pyarrow.csv as pa_csv
import pytest
from numpy.typing import NDArray

from ingestion.simulators.serving import serving

NOW = "2026-11-22T10:30:00Z"
STORES = ("Madrid", "Paris", "Berlin", "Roma", "London")
Grid = NDArray[np.float64]  # doors by hours


@pytest.fixture(scope="module")
def api() -> Iterator[httpx.Client]:
    with serving("store-sensors") as url, httpx.Client(base_url=url, timeout=60) as client:
        client.post("/control/clock", json={"now": NOW})
        yield client


def download(api: httpx.Client, store: str, start: str, end: str) -> bytes:
    answer = api.get("/readings", params={"store_name": store, "from": start, "to": end})
    assert answer.status_code == 200
    return answer.content


def hours_of(api: httpx.Client, store: str, start: str, end: str) -> list[str]:
    """Return the hours of the first door."""
    lines = [line.split(",") for line in download(api, store, start, end).decode().splitlines()]
    return [line[2] for line in lines if line[1] == "0"]


def grid(api: httpx.Client, store: str, start: str, end: str) -> Grid:
    table = pa_csv.read_csv(io.BytesIO(download(api, store, start, end)))
    doors = len(set(table["sensor_id"].to_pylist()))
    visits: Grid = table["visits"].to_numpy().astype(np.float64).reshape(doors, -1)
    return visits


def test_two_downloads_agree_to_the_byte(api: httpx.Client) -> None:
    span = ("2025-03-01", "2025-11-01")
    with serving("store-sensors") as url, httpx.Client(base_url=url) as again:
        for store in STORES:
            assert download(api, store, *span) == download(again, store, *span)
    with serving("store-sensors", seed=7) as url, httpx.Client(base_url=url) as other:
        assert download(api, "Roma", *span) != download(other, "Roma", *span)


def test_parts_of_a_span_are_the_span(api: httpx.Client) -> None:
    whole = grid(api, "London", "2014-03-01", "2026-11-22")
    parts = [("2014-03-01", "2019-05-05T05:00"), ("2019-05-05T05:00", "2026-11-22")]
    together = np.concatenate([grid(api, "London", *part) for part in parts], axis=1)
    assert np.array_equal(whole, together)


@pytest.mark.parametrize(("store", "skipped"), [("Paris", 2), ("London", 1)])
def test_spring_has_a_day_of_23_hours(api: httpx.Client, store: str, skipped: int) -> None:
    hours = hours_of(api, store, "2026-03-29", "2026-03-30")
    assert hours == [f"2026-03-29T{hour:02}:00:00" for hour in range(24) if hour != skipped]
    asked: dict[str, Any] = {
        "store_name": store,
        "year": 2026,
        "month": 3,
        "day": 29,
        "hour": skipped,
    }
    for sensor in ({}, {"sensor_id": 0}):
        answer = api.get("/", params=asked | sensor)
        assert answer.status_code == 422
        assert "does not exist in Europe/" in answer.json()["detail"][0]["msg"]


@pytest.mark.parametrize("store", ["Paris", "London"])
def test_autumn_has_24_clock_hours(api: httpx.Client, store: str) -> None:
    hours = hours_of(api, store, "2025-10-26", "2025-10-27")
    assert hours == [f"2025-10-26T{hour:02}:00:00" for hour in range(24)]


@pytest.mark.parametrize("store", ["Paris", "London"])
@pytest.mark.parametrize("day", ["2026-03-29", "2025-10-26", "2026-03-30"])
def test_both_routes_agree_where_the_clocks_change(api: httpx.Client, store: str, day: str) -> None:
    lines = download(api, store, day, day + "T23:30").decode().splitlines()[1:]
    for line in lines:
        _, sensor, begins, visits = line.split(",")
        asked = {"year": begins[:4], "month": begins[5:7], "day": begins[8:10]}
        asked |= {"hour": begins[11:13], "sensor_id": sensor, "store_name": store}
        assert api.get("/", params=asked).text == visits


def residuals(visits: Grid) -> tuple[Grid, NDArray[np.bool_]]:
    """Return each reading against its door's mean of the same hour of the week."""
    measured = visits > 0
    found = np.zeros_like(visits)
    for slot in range(168):
        own, valid = visits[:, slot::168], measured[:, slot::168]
        mean = np.where(valid, own, 0).sum(axis=1) / np.maximum(valid.sum(axis=1), 1)
        found[:, slot::168] = np.where(valid, own / np.maximum(mean, 1)[:, None] - 1, 0)
    return found / found.std(axis=1, keepdims=True), measured


def likeness(visits: Grid) -> tuple[float, float]:
    """Return the most that two doors have in common, at lags of up to 30 hours either way.

    The part of their measured hours with equal visits, and the correlation of the residuals.
    """
    found, measured = residuals(visits)
    doors, most = len(visits), (0.0, 0.0)
    one, other = (np.where(measured, visits, none).astype(np.int16) for none in (-8, -9))
    for lag in range(-30, 31):
        a, b = slice(max(0, -lag), min(0, -lag) or None), slice(max(0, lag), min(0, lag) or None)
        both = np.maximum(measured[:, a].astype(float) @ measured[:, b].astype(float).T, 1)
        equal = np.array([np.count_nonzero(row == other[:, b], axis=1) for row in one[:, a]])
        close = np.corrcoef(found[:, a], found[:, b])[:doors, doors:]
        if lag == 0:
            np.fill_diagonal(equal, 0)
            np.fill_diagonal(close, 0)
        most = (
            max(most[0], np.where(both > 200, equal / both, 0).max()),
            max(most[1], close.max()),
        )
    return most


def test_no_door_is_a_copy_of_another_at_shifted_hours(api: httpx.Client) -> None:
    # Between two changes of the clocks, so that every week has 168 hours.
    span = ("2026-04-06", "2026-07-06")
    visits = np.concatenate([grid(api, store, *span) for store in STORES])
    assert len(visits) == 39
    equal, close = likeness(visits)
    assert equal < 0.15
    assert close < 0.7
    # What is measured would show a copy, also one that counts three times as much.
    shifted = np.roll(visits[:1], 5, axis=1)
    assert likeness(np.concatenate([visits[:3], shifted]))[0] > 0.9
    scaled = np.where(shifted > 0, 3 * shifted, shifted)
    assert likeness(np.concatenate([visits[:3], scaled]))[1] > 0.9


def test_doors_are_of_unequal_use(api: httpx.Client) -> None:
    visits = grid(api, "Paris", "2026-01-01", "2026-07-01")
    totals = np.maximum(visits, 0).sum(axis=1)
    assert totals.max() > 3 * totals.min()
    assert len(set(totals.tolist())) == 20


def test_week_day_season_and_trend(api: httpx.Client) -> None:
    madrid = np.maximum(grid(api, "Madrid", "2024-04-01", "2026-10-26"), 0)[0]
    early, late = madrid[: 52 * 168].sum(), madrid[-52 * 168 :].sum()
    assert 1.08 < late / early < 1.3
    roma = [
        np.maximum(grid(api, "Roma", f"{year}-01-01", f"{year}-11-01"), 0).sum()
        for year in (2020, 2026)
    ]
    assert roma[1] < 0.85 * roma[0]
    week = np.maximum(grid(api, "Paris", "2025-06-02", "2025-10-20"), 0).sum(axis=0)
    days = week.reshape(-1, 7, 24).sum(axis=(0, 2))
    assert days[6] == 0
    assert days[5] > 1.3 * days[1]
    hours = week.reshape(-1, 24).sum(axis=0)
    assert hours[16] > 1.5 * hours[8]
    assert np.count_nonzero(hours) == 10
    months = [
        np.maximum(grid(api, "Paris", f"2025-{m}-01", f"2025-{m}-29"), 0).sum()
        for m in ("08", "12")
    ]
    assert months[1] > 1.25 * months[0]


def test_failures_begin_rare_and_grow_with_age(api: httpx.Client) -> None:
    young = np.concatenate(
        [
            (grid(api, store, f"{year}-10-01", f"{year + 1}-10-01") == -1).mean(
                axis=1, keepdims=True
            )
            for store, year in zip(STORES, (2024, 2018, 2022, 2019, 2014), strict=True)
        ]
    )
    assert 0.015 < young.mean() < 0.022
    old = (grid(api, "London", "2025-11-22", "2026-11-22") == -1).mean(axis=1)
    assert old.mean() > 2 * young[-8:].mean()
    lately = {
        store: (grid(api, store, "2026-10-25", "2026-11-22") == -1).mean(axis=1) for store in STORES
    }
    assert 1 <= (lately["London"] > 0.15).sum() <= 4
    every = np.concatenate(list(lately.values()))
    assert (every > 0.15).sum() == (lately["London"] > 0.15).sum()
    assert (every < 0.05).mean() > 0.8


def test_failures_come_alone_and_in_runs(api: httpx.Client) -> None:
    failed = (grid(api, "Paris", "2024-01-01", "2026-01-01") == -1).astype(int)
    edges = np.diff(np.pad(failed, ((0, 0), (1, 1))), axis=1)
    runs = np.flatnonzero(edges.ravel() == -1) - np.flatnonzero(edges.ravel() == 1)
    assert (runs == 1).sum() > 1000
    assert (runs >= 5).sum() > 300
    assert runs.max() <= 30


def test_one_reading_in_200_is_a_tenth_of_what_was_expected(api: httpx.Client) -> None:
    visits = np.concatenate([grid(api, store, "2026-04-06", "2026-10-19") for store in STORES])
    low = total = 0
    for slot in range(168):
        own = visits[:, slot::168]
        usual = np.median(own, axis=1)
        own = own[usual >= 60] / usual[usual >= 60, None]
        low += ((own >= 0) & (own < 0.25)).sum()
        total += (own >= 0).sum()
    assert 0.003 < low / total < 0.007
