"""The sensors' API: each route, and each code that it answers."""

import csv
import io
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingestion.core.errors import WarehouseError
from ingestion.simulators.process import running
from ingestion.simulators.serving import serving

NOW = "2026-11-22T10:30:00Z"
DOORS = {"Madrid": 1, "Paris": 20, "Berlin": 6, "Roma": 4, "London": 8}


def ask(api: httpx.Client, store: str, begins: str, sensor: int | None = None) -> httpx.Response:
    at = datetime.fromisoformat(begins)
    asked: dict[str, Any] = {"store_name": store, "year": at.year, "month": at.month}
    asked |= {"day": at.day, "hour": at.hour}
    return api.get("/", params=asked | ({} if sensor is None else {"sensor_id": sensor}))


def download(api: httpx.Client, store: str, start: str, end: str) -> list[dict[str, str]]:
    answer = api.get("/readings", params={"store_name": store, "from": start, "to": end})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_reading_is_a_json_integer(api: httpx.Client) -> None:
    answer = ask(api, "Paris", "2026-10-06T12:00", 3)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert isinstance(answer.json(), int)
    assert answer.json() > 0


def test_stores_are_closed_at_night_and_on_sundays(api: httpx.Client) -> None:
    for row in download(api, "Berlin", "2026-10-01", "2026-10-29"):
        at, visits = datetime.fromisoformat(row["read_at_local"]), int(row["visits"])
        is_open = at.weekday() < 6 and 8 <= at.hour < 18
        assert visits == -1 or (visits > 0) == is_open, row


def test_the_stores_are_listed_with_their_doors(api: httpx.Client) -> None:
    stores = api.get("/stores").json()
    assert {one["store_name"]: len(one["sensors"]) for one in stores} == DOORS
    assert stores[0] == {
        "store_name": "Madrid",
        "city": "Madrid",
        "time_zone": "Europe/Madrid",
        "opened_on": "2024-02-15",
        "sensors": [0],
    }


def test_opening_hours_are_those_in_which_doors_count(api: httpx.Client) -> None:
    listed = api.get("/opening-hours").json()
    hours = {one["iso_weekday"]: one for one in listed if one["store_name"] == "Berlin"}
    assert (len(listed), hours[7]["opens_at"], hours[7]["closes_at"]) == (5 * 7, None, None)
    for row in download(api, "Berlin", "2026-10-05", "2026-10-11"):
        clock, weekday = row["read_at_local"][11:16], int(row["read_at_local"][8:10]) - 4
        is_open = hours[weekday]["opens_at"] <= clock < hours[weekday]["closes_at"]
        assert int(row["visits"]) == -1 or (int(row["visits"]) > 0) == is_open, row


def test_a_download_is_ordered_and_half_open(api: httpx.Client) -> None:
    rows = download(api, "Roma", "2026-01-05T10:00", "2026-01-06T10:00:00")
    hours = [
        (datetime(2026, 1, 5, 10) + timedelta(hours=n)).isoformat(timespec="seconds")
        for n in range(24)
    ]
    assert [(r["sensor_id"], r["read_at_local"]) for r in rows] == [
        (str(door), hour) for door in range(4) for hour in hours
    ]
    assert {row["store_name"] for row in rows} == {"Roma"}
    part = download(api, "Roma", "2026-01-05T10:30", "2026-01-05T11:30")
    assert [row["read_at_local"] for row in part] == ["2026-01-05T11:00:00"] * 4


def test_a_download_of_nothing_is_a_heading(api: httpx.Client) -> None:
    for day in ("0001-01-01", "2026-01-05", "2026-11-23", "9999-12-31"):
        span = {"from": day, "to": day + "T00:00"}
        answer = api.get("/readings", params={"store_name": "Roma"} | span)
        assert answer.text == "store_name,sensor_id,read_at_local,visits\n"
    assert download(api, "Roma", "0001-01-01", "0001-01-02")[0] == {
        "store_name": "Roma",
        "sensor_id": "0",
        "read_at_local": "0001-01-01T00:00:00",
        "visits": "-2",
    }


def test_one_reading_and_the_download_agree(api: httpx.Client) -> None:
    for store in DOORS:
        rows = download(api, store, "2024-03-01T07:00", "2024-03-02T02:00")
        for row in rows:
            answer = ask(api, store, row["read_at_local"], int(row["sensor_id"]))
            assert answer.text == row["visits"], row


def test_a_name_with_escapes_is_answered_the_same_by_the_framework(api: httpx.Client) -> None:
    quick = api.get("/?store_name=Paris&year=2026&month=10&day=6&hour=12&sensor_id=3")
    other = api.get("/?store_name=P%61ris&year=2026&month=10&day=6&hour=12&sensor_id=3")
    assert quick.content == other.content
    for header in ("content-type", "content-length"):
        assert quick.headers[header] == other.headers[header]


def test_the_sum_counts_failures_as_0(api: httpx.Client) -> None:
    days = [f"2026-10-{day:02}T11:00" for day in range(1, 29)]
    failed = 0
    for day in days:
        doors = [ask(api, "London", day, sensor).json() for sensor in range(8)]
        failed += doors.count(-1)
        assert ask(api, "London", day).json() == sum(max(0, visits) for visits in doors)
    assert failed > 0


def test_before_and_on_the_day_of_the_opening_it_is_minus_2(api: httpx.Client) -> None:
    assert ask(api, "Madrid", "2020-05-05T12:00", 0).json() == -2
    assert ask(api, "Madrid", "2024-02-15T23:00", 0).json() == -2
    assert ask(api, "Madrid", "2024-02-15T12:00").json() == -2
    assert ask(api, "Madrid", "0001-01-01T00:00", 0).json() == -2
    assert ask(api, "Madrid", "2024-02-16T00:00", 0).json() in (0, -1)
    rows = download(api, "Madrid", "2024-02-15T22:00", "2024-02-16T02:00")
    assert [row["visits"] == "-2" for row in rows] == [True, True, False, False]


@pytest.mark.parametrize(
    ("store", "begins", "sensor", "message"),
    [
        ("Oslo", "2026-01-05T10:00", 0, "no store named 'Oslo'"),
        ("Paris", "2026-01-05T10:00", 20, "Paris has no sensor 20"),
        ("Paris", "2026-01-05T10:00", -1, "Paris has no sensor -1"),
        ("Paris", "2026-11-22T12:00", 0, "2026-11-22T12:00 has not begun in Paris"),
        ("London", "2026-11-22T11:00", None, "2026-11-22T11:00 has not begun in London"),
    ],
)
def test_what_does_not_exist_is_404(
    api: httpx.Client, store: str, begins: str, sensor: int | None, message: str
) -> None:
    answer = ask(api, store, begins, sensor)
    assert (answer.status_code, answer.json()) == (404, {"detail": message})


WHOLE: dict[str, Any] = {
    "store_name": "Paris",
    "year": 2026,
    "month": 2,
    "day": 3,
    "hour": 4,
    "sensor_id": 0,
}


@pytest.mark.parametrize("missing", ["store_name", "year", "month", "day", "hour"])
def test_a_missing_parameter_is_422(api: httpx.Client, missing: str) -> None:
    answer = api.get("/", params={k: v for k, v in WHOLE.items() if k != missing})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", missing]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("year", 0),
        ("year", 10_000),
        ("month", 13),
        ("month", 0),
        ("day", 32),
        ("day", 29),
        ("day", "first"),
        ("hour", 24),
        ("hour", -1),
        ("hour", ""),
        ("sensor_id", "left"),
        ("sensor_id", 1.5),
    ],
)
def test_an_impossible_parameter_is_422(api: httpx.Client, name: str, value: object) -> None:
    answer = api.get("/", params=httpx.QueryParams(WHOLE).set(name, str(value)))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", name]


@pytest.mark.parametrize(
    ("start", "end", "where"),
    [
        (None, "2026-01-02", "from"),
        ("2026-01-01", None, "to"),
        ("2026-02-30", "2026-03-01", "from"),
        ("2026-01-01", "soon", "to"),
        ("2026-01-01", "2026-01-02T00:00:00Z", "to"),
        ("2026-01-02", "2026-01-01", "to"),
    ],
)
def test_an_invalid_span_is_422(
    api: httpx.Client, start: str | None, end: str | None, where: str
) -> None:
    span = {"from": start, "to": end}
    asked = {"store_name": "Paris"} | {name: day for name, day in span.items() if day is not None}
    answer = api.get("/readings", params=asked)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", where]


def test_a_download_of_an_unknown_store_is_404(api: httpx.Client) -> None:
    asked = {"store_name": "Oslo", "from": "2026-01-01", "to": "2026-01-02"}
    assert api.get("/readings", params=asked).status_code == 404


def test_the_api_describes_itself(api: httpx.Client) -> None:
    described = api.get("/openapi.json").json()
    assert set(described["paths"]) == {
        "/",
        "/stores",
        "/opening-hours",
        "/readings",
        "/readings/days",
    }
    assert api.get("/docs").status_code == 200


def test_an_old_api_has_one_route() -> None:
    with (
        serving("store-sensors", routes="one") as url,
        httpx.Client(base_url=url) as api,
    ):
        assert ask(api, "Paris", "2025-10-06T12:00", 3).status_code == 200
        for path in (
            "/stores",
            "/readings?store_name=Paris",
            "/readings/days",
            "/openapi.json",
            "/docs",
            "/redoc",
        ):
            assert api.get(path).status_code == 404


def test_the_child_process_serves_the_same() -> None:
    asked = "/?store_name=Roma&year=2025&month=10&day=6&hour=12"
    with running("store-sensors", seed=5) as one, serving("store-sensors", seed=5) as other:
        assert httpx.get(one + asked).content == httpx.get(other + asked).content
    with running("store-sensors", routes="one") as url:
        assert httpx.get(url + "/stores").status_code == 404


def test_options_of_another_simulator_are_wrong_usage(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ingestion.simulators"]
    for source, option in (("store-sensors", "--rows"), ("chicago-crime", "--routes")):
        value = "5" if option == "--rows" else "one"
        done = subprocess.run(
            [*command, source, option, value],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[4],
        )
        assert done.returncode == 2
        assert f"{option} is for" in done.stderr
    with (
        pytest.raises(WarehouseError, match="--data is for chicago-crime only"),
        serving("store-sensors", data=tmp_path / "rows.csv"),
    ):
        pass
