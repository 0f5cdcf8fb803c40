"""The control routes: the clock, other answers, new stores and doors, and a service that fails."""

import csv
import io
from typing import Any

import httpx
import pytest

from tests.support.sources.loading import control as post

TUESDAY: dict[str, Any] = {"store_name": "Paris", "year": 2026, "month": 6, "day": 16}


def control(api: httpx.Client, verb: str, /, **body: object) -> dict[str, Any]:
    return post(api, f"/control/{verb}", **body)


def ask(api: httpx.Client, hour: int, sensor: int | None = 0, **other: object) -> httpx.Response:
    asked = TUESDAY | {"hour": hour} | ({} if sensor is None else {"sensor_id": sensor}) | other
    return api.get("/", params={name: str(value) for name, value in asked.items()})


def rows(api: httpx.Client, store: str, start: str, end: str) -> list[dict[str, str]]:
    answer = api.get("/readings", params={"store_name": store, "from": start, "to": end})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_of_the_running_hour_the_part_so_far_is_answered(api: httpx.Client) -> None:
    whole = [ask(api, 14, sensor).json() for sensor in range(20)]
    control(api, "clock", now="2026-06-16T12:30:00Z")
    parts = [ask(api, 14, sensor).json() for sensor in range(20)]
    assert parts == [visits // 2 if visits > 0 else visits for visits in whole]
    assert ask(api, 14, None).json() == sum(max(0, part) for part in parts)
    assert ask(api, 15).status_code == 404
    hours = {row["read_at_local"] for row in rows(api, "Paris", "2026-06-16", "2026-06-18")}
    assert max(hours) == "2026-06-16T13:00:00"


def test_the_hour_that_comes_twice_runs_until_the_second_ends(api: httpx.Client) -> None:
    night = {"year": 2025, "month": 10, "day": 26}
    for now, over in (("00:30", 1), ("01:30", 1), ("02:00", 2)):
        control(api, "clock", now=f"2025-10-26T{now}:00Z")
        assert ask(api, 2, **night).status_code == 200
        assert ask(api, over + 2, **night).status_code == 404
        last = rows(api, "Paris", "2025-10-26", "2025-10-27")[-1]
        assert last["read_at_local"] == f"2025-10-26T0{over}:00:00"


def test_the_clock_runs_again(api: httpx.Client) -> None:
    stopped = control(api, "clock", now="2026-01-01T00:00:00")
    assert stopped == {"now": "2026-01-01T00:00:00+00:00"}
    assert control(api, "clock", now=None)["now"] != stopped["now"]


@pytest.mark.parametrize(
    ("visits", "as_json", "as_text"),
    [
        (77, "77", "77"),
        (-1, "-1", "-1"),
        (12.5, "12.5", "12.5"),
        ("n/a, door", '"n/a, door"', "n/a, door"),
        (None, "null", ""),
        ({"visits": 3}, '{"visits":3}', '{"visits": 3}'),
    ],
)
def test_a_reading_is_overridden(
    api: httpx.Client, visits: object, as_json: str, as_text: str
) -> None:
    others = [max(0, ask(api, 11, sensor).json()) for sensor in range(1, 20)]
    where = {"store_name": "Paris", "sensor_id": 0, "read_at_local": "2026-06-16T11:00:00"}
    before = ask(api, 12).text
    control(api, "set", **where, visits=visits)
    assert ask(api, 11).text == as_json
    found = rows(api, "Paris", "2026-06-16T11:00", "2026-06-16T13:00")[:2]
    assert [row["visits"] for row in found] == [as_text, before]
    own = visits if isinstance(visits, int) and visits > 0 else 0
    assert ask(api, 11, None).json() == own + sum(others)


def test_a_new_door_counts_from_its_time_on(api: httpx.Client) -> None:
    before = rows(api, "Roma", "2026-06-16", "2026-06-17")
    added = control(api, "add_sensor", store_name="Roma", from_local="2026-06-16T12:00:00")
    assert added == {"sensor_id": 4}
    after = rows(api, "Roma", "2026-06-16", "2026-06-17")
    assert after[: len(before)] == before
    assert [row["visits"] == "-2" for row in after[len(before) :]] == [True] * 12 + [False] * 12
    assert ask(api, 11, 4, store_name="Roma").json() == -2
    stores = {one["store_name"]: one["sensors"] for one in api.get("/stores").json()}
    assert stores["Roma"] == [0, 1, 2, 3, 4]


def test_a_new_store_opens_on_its_day(api: httpx.Client) -> None:
    name = "Zürich, Mitte"
    control(
        api,
        "add_store",
        store_name=name,
        city="Zürich",
        time_zone="Europe/Zurich",
        opened_on="2026-06-15",
        sensors=2,
    )
    found = rows(api, name, "2026-06-15T23:00", "2026-06-16T13:00")
    assert {row["store_name"] for row in found} == {name}
    assert [row["visits"] for row in found if row["read_at_local"] == "2026-06-15T23:00:00"] == [
        "-2",
        "-2",
    ]
    noon = [row["visits"] for row in found if row["read_at_local"] == "2026-06-16T12:00:00"]
    assert [ask(api, 12, sensor, store_name=name).text for sensor in (0, 1)] == noon
    again = api.post("/control/add_store", json={"store_name": name, "opened_on": "2026-01-01"})
    assert again.status_code == 409


def test_a_store_not_yet_open_is_listed_and_answers_minus_2(api: httpx.Client) -> None:
    control(api, "add_store", store_name="Oslo", opened_on="2027-03-01", sensors=1)
    assert ask(api, 12, store_name="Oslo").json() == -2
    assert ask(api, 12, None, store_name="Oslo").json() == -2
    assert {row["visits"] for row in rows(api, "Oslo", "2026-06-16", "2026-06-17")} == {"-2"}
    assert "Oslo" in {one["store_name"] for one in api.get("/stores").json()}


def test_invalid_orders_are_refused_with_a_reason(api: httpx.Client) -> None:
    reading = {"store_name": "Paris", "sensor_id": 99, "read_at_local": "2026-06-16T11:00:00"}
    answer = api.post("/control/set", json=reading | {"visits": 1})
    assert (answer.status_code, answer.json()["detail"]) == (404, "Paris has no sensor 99")
    assert api.post("/control/add_sensor", json={"store_name": "x"}).status_code == 404
    zone = {"store_name": "x", "opened_on": "2026-01-01", "time_zone": "Mars/North"}
    assert "no time zone 'Mars/North'" in api.post("/control/add_store", json=zone).text
    assert api.post("/control/fail", json={"mode": "sulk"}).status_code == 422


def test_a_status_meets_the_requests_it_is_meant_for(api: httpx.Client) -> None:
    control(api, "fail", mode="status", status=503, times=2, after=1, match="hour=11")
    statuses = [ask(api, hour).status_code for hour in (11, 11, 12, 11, 11)]
    assert statuses == [200, 503, 200, 503, 200]


def test_a_slow_answer_is_right(api: httpx.Client) -> None:
    usual = ask(api, 11).text
    control(api, "fail", mode="slow", seconds=0.3)
    answer = ask(api, 11)
    assert answer.elapsed.total_seconds() >= 0.3
    assert answer.text == usual
    control(api, "fail", mode="slow", seconds=5)
    with pytest.raises(httpx.ReadTimeout):
        api.get("/stores", timeout=0.2)


@pytest.mark.parametrize(("mode", "kind"), [("text", "text/plain"), ("html", "text/html")])
def test_what_is_no_integer_comes_with_200(api: httpx.Client, mode: str, kind: str) -> None:
    control(api, "fail", mode=mode)
    answer = ask(api, 11)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert not answer.text.isdigit()


@pytest.mark.parametrize("path", ["/stores", "/readings", "/"])
def test_a_cut_answer_does_not_end(api: httpx.Client, path: str) -> None:
    asked = TUESDAY | {"hour": 11, "from": "2026-01-01", "to": "2026-06-01"}
    whole = api.get(path, params=asked)
    control(api, "fail", mode="cut", match=path)
    with pytest.raises(httpx.RemoteProtocolError):
        api.get(path, params=asked)
    assert api.get(path, params=asked).content == whole.content


def test_a_cut_download_has_some_of_its_rows(api: httpx.Client) -> None:
    control(api, "fail", mode="cut")
    span = {"store_name": "Paris", "from": "2026-01-01", "to": "2026-06-01"}
    came = b""
    with (
        pytest.raises(httpx.RemoteProtocolError),
        api.stream("GET", "/readings", params=span) as answer,
    ):
        for part in answer.iter_raw():
            came += part
    assert came.count(b"\n") > 1000


def test_requests_are_recorded_decoded_and_forgotten(api: httpx.Client) -> None:
    control(api, "fail", mode="html", after=1)
    ask(api, 11, store_name="São Paulo")
    api.get("/stores")
    record = api.get("/control/requests").json()
    assert record["count"] == 2
    first, second = record["requests"]
    assert first["query"].startswith("store_name=São Paulo&year=2026")
    assert (first["path"], first["status"], first["fault"]) == ("/", 404, None)
    assert (second["path"], second["status"], second["fault"]) == ("/stores", 200, "html")
    api.post("/control/reset")
    assert api.get("/control/requests").json() == {"count": 0, "requests": []}


def test_a_reset_is_the_start(api: httpx.Client) -> None:
    usual = ask(api, 11).text
    where = {"store_name": "Paris", "sensor_id": 0, "read_at_local": "2026-06-16T11:00:00"}
    control(api, "set", **where, visits="?")
    control(api, "add_sensor", store_name="Paris")
    control(api, "fail", mode="status")
    api.post("/control/reset")
    assert ask(api, 11).text == usual
    assert len(api.get("/stores").json()[1]["sensors"]) == 20
