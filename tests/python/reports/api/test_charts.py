"""The routes that a dashboard polls: their values, shapes, filters and errors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no stubs

from tests.support.reports.api_builds import FACT, ROWS, Publisher
from tests.support.reports.api_server import client_of

NUMBER, TEXT = {"type": "number"}, {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}


def exactly(**fields: Any) -> dict[str, Any]:
    """The schema of an object with these fields and no others."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def many(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


HOUR = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):00$"}
HOUR_POINT = exactly(x=HOUR, y=COUNT, is_complete={"type": "boolean"})
HOURS = {**many(HOUR_POINT), "minItems": 24, "maxItems": 24}
YEARS = many(exactly(x={"type": "integer"}, y=NUMBER, submissions=COUNT))
SHAPES = {
    "/submissions": exactly(count=COUNT),
    "/submissions_over_time": exactly(
        datasets={
            **many(exactly(id={"const": "Submissions"}, data=HOURS)),
            "minItems": 1,
            "maxItems": 1,
        }
    ),
    "/learning_hours_per_week": exactly(datasets=many(exactly(country=TEXT, hours=NUMBER))),
    "/escs": exactly(datasets=many(exactly(id=TEXT, value=NUMBER))),
    "/early_education_and_belonging": exactly(datasets=many(exactly(id=TEXT, data=YEARS))),
}

READ_IN_THE_LAST_HOUR = {
    "domain": "education",
    "made_up": "all",
    "data_through_date": "2026-11-21",
    "newest_date": "2026-11-22",
    "time_zone": "UTC",
    "read_at": "2026-11-22T07:55:00Z",
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    data = tmp_path_factory.mktemp("data")
    Publisher(data, about={"sources": {"pisa": READ_IN_THE_LAST_HOUR}}).publish()
    with client_of(data) as client:
        yield client


@pytest.mark.parametrize("query", ["", "?countries=GBR", "?countries=GBR,FRA", "?countries="])
@pytest.mark.parametrize("path", SHAPES)
def test_an_answer_has_the_shape_of_its_route(api: httpx.Client, path: str, query: str) -> None:
    found = api.get(path + query)
    assert found.status_code == 200
    assert found.headers["content-type"] == "application/json"
    Draft202012Validator(SHAPES[path]).validate(found.json())


def test_submissions_are_counted_for_all_or_some_countries(api: httpx.Client) -> None:
    assert api.get("/submissions").json() == {"count": 6}
    assert api.get("/submissions", params={"countries": "GBR,FRA"}).json() == {"count": 5}
    assert api.get("/submissions", params={"countries": "ITA"}).json() == {"count": 0}
    assert api.get("/submissions", params={"countries": ""}).json() == {"count": 6}


def test_the_last_24_hours_end_with_the_newest_submission_and_have_no_gap(
    api: httpx.Client,
) -> None:
    (line,) = api.get("/submissions_over_time").json()["datasets"]
    assert line["id"] == "Submissions"
    hours = [f"{(8 + number) % 24:02}:00" for number in range(24)]
    # 07:59 of the day before is out, 08:59 is the first hour.
    counts = dict.fromkeys(hours, 0) | {"08:00": 1, "04:00": 1, "07:00": 2}
    assert [(point["x"], point["y"]) for point in line["data"]] == [*counts.items()]


def test_an_hour_that_was_not_over_when_it_was_read_is_marked_or_left_out(
    api: httpx.Client,
) -> None:
    (line,) = api.get("/submissions_over_time").json()["datasets"]
    assert [point["is_complete"] for point in line["data"]] == [True] * 23 + [False]
    for countries in ("", "&countries=GBR,FRA"):
        (line,) = api.get(f"/submissions_over_time?hours=complete{countries}").json()["datasets"]
        assert all(point["is_complete"] for point in line["data"])
        assert (line["data"][0], line["data"][-1]) == (
            {"x": "07:00", "y": 1, "is_complete": True},
            {"x": "06:00", "y": 0, "is_complete": True},
        )
        assert sum(point["y"] for point in line["data"]) == 3


def test_hours_of_a_build_that_does_not_say_when_it_was_read_are_not_complete(
    tmp_path: Path,
) -> None:
    Publisher(tmp_path).publish()
    with client_of(tmp_path) as client:
        (line,) = client.get("/submissions_over_time").json()["datasets"]
        assert not any(point["is_complete"] for point in line["data"])
        assert client.get("/submissions_over_time?hours=complete").json() == {
            "datasets": [{"id": "Submissions", "data": []}]
        }


def test_the_hours_of_a_country_are_those_of_all(api: httpx.Client) -> None:
    (line,) = api.get("/submissions_over_time?countries=FRA").json()["datasets"]
    assert [point["y"] for point in line["data"]] == [1] + [0] * 23
    assert line["data"][0]["x"] == "08:00"


def test_means_are_numbers_and_a_country_without_one_is_left_out(api: httpx.Client) -> None:
    assert api.get("/learning_hours_per_week").json() == {
        "datasets": [{"country": "FRA", "hours": 25.5}, {"country": "GBR", "hours": 27.5}]
    }
    assert api.get("/escs").json() == {
        "datasets": [
            {"id": "ALB", "value": 0.0},
            {"id": "FRA", "value": pytest.approx(-0.6)},
            {"id": "GBR", "value": pytest.approx(0.2)},
        ]
    }


def test_belonging_stands_by_years_of_early_education(api: httpx.Client) -> None:
    assert api.get("/early_education_and_belonging?countries=GBR,FRA").json() == {
        "datasets": [
            {"id": "FRA", "data": [{"x": 0, "y": 1.0, "submissions": 1}]},
            {
                "id": "GBR",
                "data": [
                    {"x": 2, "y": pytest.approx(0.3), "submissions": 2},
                    {"x": 3, "y": -0.2, "submissions": 1},
                ],
            },
        ]
    }


def test_belonging_stands_by_country_as_well(api: httpx.Client) -> None:
    path = "/early_education_and_belonging?by=country&countries=GBR,FRA"
    assert api.get(path).json() == {
        "datasets": [
            {"id": "FRA", "data": [{"x": 0.0, "y": 1.0, "submissions": 1}]},
            {
                "id": "GBR",
                "data": [
                    {"x": pytest.approx(7 / 3), "y": pytest.approx(0.4 / 3), "submissions": 3}
                ],
            },
        ]
    }


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("by=sex", "by='sex' is not one of years, country"),
        ("by=", "by='' is not one of years, country"),
        ("by=years&by=country", "by='years, country' is not one of years, country"),
        ("hours=all", "unknown parameter 'hours': this route takes by and countries"),
    ],
)
def test_a_view_that_there_is_not_is_422(api: httpx.Client, query: str, detail: str) -> None:
    found = api.get(f"/early_education_and_belonging?{query}")
    assert (found.status_code, found.json()) == (422, {"detail": detail})


def test_the_default_view_may_be_named(api: httpx.Client) -> None:
    named, unnamed = (
        api.get(f"/early_education_and_belonging{query}").json() for query in ("?by=years", "")
    )
    assert named == unnamed


def test_codes_may_come_in_lower_case(api: httpx.Client) -> None:
    wanted = api.get("/escs?countries=FRA,GBR").json()
    for query in ("fra,gbr", "Fra, gBR"):
        assert api.get("/escs", params={"countries": query}).json() == wanted
    found = api.get("/escs?countries=gbr,xxx")
    assert found.json() == {"detail": "countries: xxx is unknown; use some of ALB, FRA, GBR, ITA"}


def test_codes_may_come_in_any_order_and_twice(api: httpx.Client) -> None:
    wanted = api.get("/escs?countries=FRA,GBR").json()
    for query in ("GBR,FRA", "GBR,FRA,GBR", "GBR,,FRA,", "GBR&countries=FRA"):
        assert api.get(f"/escs?countries={query}").json() == wanted


@pytest.mark.parametrize("path", SHAPES)
def test_an_unknown_country_is_422_and_named(api: httpx.Client, path: str) -> None:
    found = api.get(path, params={"countries": "GBR,XXX"})
    assert found.status_code == 422
    assert found.json() == {"detail": "countries: XXX is unknown; use some of ALB, FRA, GBR, ITA"}


def test_an_unknown_parameter_is_422_rather_than_ignored(api: httpx.Client) -> None:
    found = api.get("/escs?country=GBR")
    assert found.status_code == 422
    assert "unknown parameter 'country'" in found.json()["detail"]


@pytest.mark.parametrize("path", [*SHAPES, "/marts", "/marts/education/escs_by_country"])
def test_a_client_that_has_the_build_gets_304(api: httpx.Client, path: str) -> None:
    # Compressed, a large answer has a weak tag; see the tests of marts.
    first = api.get(path, headers={"Accept-Encoding": "identity"})
    assert first.headers["etag"] == '"build-1"'
    assert first.headers["cache-control"] == "no-cache"
    for tag in ('"build-1"', 'W/"build-1"', '"older", "build-1"', "*"):
        found = api.get(path, headers={"If-None-Match": tag})
        assert (found.status_code, found.content) == (304, b"")
        assert found.headers["etag"] == '"build-1"'
    assert api.get(path, headers={"If-None-Match": '"older"'}).content == first.content


def test_head_says_what_get_would(api: httpx.Client) -> None:
    got, head = api.get("/submissions"), api.head("/submissions")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "etag", "content-type"):
        assert head.headers[name] == got.headers[name]


def test_nothing_published_yet_is_503_and_then_served(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        for path in (*SHAPES, "/marts", "/marts/education/escs_by_country", "/health"):
            found = client.get(path)
            assert found.status_code == 503
            assert found.json()["detail"].startswith("nothing is published yet")
        assert client.get("/docs").status_code == 200


def test_a_build_without_education_is_404_for_its_charts_alone(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path, without=["education.escs_by_country"])
    publisher.publish()
    with client_of(tmp_path) as client:
        found = client.get("/escs")
        assert found.status_code == 404
        assert "this build has no mart education.escs_by_country" in found.json()["detail"]
        assert client.get("/learning_hours_per_week").status_code == 200


def test_submissions_without_a_time_make_no_hours(tmp_path: Path) -> None:
    empty = "select cast(null as timestamptz) as hour_start, cast(0 as bigint) as submissions"
    extra = {"education.submissions_by_hour": f"{empty} where false"}
    Publisher(tmp_path, extra=extra).publish()
    with client_of(tmp_path) as client:
        found = client.get("/submissions_over_time?countries=GBR").json()
    assert found == {"datasets": [{"id": "Submissions", "data": []}]}


def test_codes_are_those_of_the_fact_where_there_is_no_list_of_countries(tmp_path: Path) -> None:
    Publisher(tmp_path, without=["core.dim_country"]).publish()
    with client_of(tmp_path) as client:
        assert client.get("/escs?countries=GBR").status_code == 200
        assert client.get("/escs?countries=ITA").status_code == 422


def test_marts_are_listed_with_their_columns(api: httpx.Client) -> None:
    found = api.get("/marts").json()
    assert found["build_id"] == "build-1"
    marts = {f"{mart['domain']}.{mart['name']}": mart for mart in found["marts"]}
    assert "audit.failures" not in marts  # not in the manifest, so not published
    assert marts[FACT]["rows"] == len(ROWS)
    assert marts[FACT]["href"] == "/marts/education/fct_student_submissions"
    assert marts[FACT]["columns"][2] == {
        "name": "years_of_early_education",
        "type": "INTEGER",
        "description": None,
    }
    assert marts["core.dim_country"]["description"] == "Countries. Grain: a country."


def test_health_gives_the_build_and_its_age(api: httpx.Client) -> None:
    found = api.get("/health")
    body = found.json()
    assert (body["status"], body["build_id"]) == ("ok", "build-1")
    assert body["published_at"] == "2026-11-22T08:00:00Z"
    assert body["age_seconds"] >= 0
    assert found.headers["cache-control"] == "no-store"
